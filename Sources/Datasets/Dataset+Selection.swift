import Files

extension Dataset {
  /// The examples with those numbers, in that order; everything else stays as it is.
  ///
  /// - Precondition: all are in 0..<count.
  public func selecting(_ rows: [Int]) -> Dataset {
    let chosenInputs: Inputs =
      switch inputs {
      case .bytes(let bytes): .bytes(Self.rows(rows, width: featureCount, of: bytes))
      case .floats(let floats): .floats(Self.rows(rows, width: featureCount, of: floats))
      }
    let chosenTargets: Targets =
      switch targets {
      case .classes(let classes): .classes(rows.map { classes[$0] })
      case .values(let values, let width):
        .values(Self.rows(rows, width: width, of: values), width: width)
      }
    return replacing(inputs: chosenInputs, targets: chosenTargets, rows: rows)
  }

  private static func rows<Element>(
    _ rows: [Int], width: Int, of elements: [Element]
  ) -> [Element] {
    var result: [Element] = []
    result.reserveCapacity(rows.count * width)
    for row in rows { result += elements[row * width..<(row + 1) * width] }
    return result
  }

  /// The numbers among `rows` of examples of the given classes, in the order of `rows`.
  public func rows(_ rows: [Int], ofClasses wanted: [Int]) -> [Int] {
    guard case .classes(let classes) = targets else { return [] }
    let set = Set(wanted.map { Int32($0) })
    return rows.filter { set.contains(classes[$0]) }
  }

  /// The first `limit` among `rows` of each class, in the order of `rows`.
  public func rows(_ rows: [Int], perClass limit: Int) -> [Int] {
    guard case .classes(let classes) = targets else { return [] }
    var counts: [Int32: Int] = [:]
    return rows.filter { row in
      counts[classes[row], default: 0] += 1
      return counts[classes[row]]! <= limit
    }
  }

  /// The data set with only the classes `wanted`, numbered 0, 1, … in that order: for examples that
  /// have no others.
  public func renumbering(classes wanted: [Int]) -> Dataset {
    guard case .classes(let classes) = targets else { return self }
    var numbers: [Int32: Int32] = [:]
    for (new, old) in wanted.enumerated() { numbers[Int32(old)] = Int32(new) }
    return replacing(
      targets: .classes(classes.map { numbers[$0]! }),
      classNames: classNames.isEmpty ? [] : wanted.map { classNames[$0] })
  }
}

extension Dataset {
  /// The classes of a list such as `0,1,8` or `cat,dog`.
  ///
  /// - Throws: `FileError` where there is no such class, or one twice.
  public func classNumbers(_ list: String) throws -> [Int] {
    var numbers: [Int] = []
    for word in list.split(separator: ",", omittingEmptySubsequences: false) {
      let number = classNames.firstIndex(of: String(word)) ?? Int(word)
      guard let number, number >= 0, number < classCount else {
        throw FileError(.wrongData, file: name, "there is no class '\(word)'")
      }
      guard !numbers.contains(number) else {
        throw FileError(.wrongData, file: name, "class '\(word)' is named twice")
      }
      numbers.append(number)
    }
    return numbers
  }

  /// The error for a selection that leaves no example.
  public func nothingSelected() -> FileError {
    FileError(.wrongData, file: name, "no example is selected")
  }
}
