import Files

// Classes written as rows with one 1 among zeros.
extension Dataset {
  /// Whether the targets are a regression that looks like classes: two numbers or more for each
  /// example, one of them 1 and all others 0.
  public var looksOneHot: Bool {
    guard isLabelled, case .values(let values, let width) = targets, width > 1 else { return false }
    return Self.firstNotOneHot(values, width: width) == nil
  }

  /// The first row that is not one 1 among zeros; nil where all are.
  static func firstNotOneHot(_ values: [Float], width: Int) -> Int? {
    for row in 0..<values.count / width {
      var ones = 0
      for j in row * width..<(row + 1) * width {
        if values[j] == 1 { ones += 1 } else if values[j] != 0 { return row }
      }
      if ones != 1 { return row }
    }
    return nil
  }

  /// The data set with classes for targets: the place of the 1 in each row.
  ///
  /// - Throws: `FileError` that names the first row which is no such one.
  public func takingOneHot() throws -> Dataset {
    guard isLabelled, case .values(let values, let width) = targets, width > 1 else {
      throw FileError(
        .wrongData, file: name, object: "targets", "are no rows of zeros with one 1 in each")
    }
    if let row = Self.firstNotOneHot(values, width: width) {
      throw FileError(
        .wrongData, file: name, object: "targets",
        "row \(row) is not one 1 among zeros: the targets are not one-hot")
    }
    let classes = (0..<values.count / width).map { row in
      Int32(values[row * width..<(row + 1) * width].firstIndex(of: 1)! - row * width)
    }
    var result = replacing(
      targets: .classes(classes),
      classNames: classNames.count == width ? classNames : (0..<width).map { String($0) })
    (result.targetMean, result.targetStd) = ([], [])
    return result
  }

  /// What to say of numbers that look like classes; nil where they do not.
  ///
  /// - Parameter command: in front of the option that makes classes of them.
  public func targetsRemark(command: String = "") -> String? {
    guard isLabelled, case .values(let values, let width) = targets else { return nil }
    if looksOneHot {
      return
        "targets look like one-hot classes, but are taken for a regression of \(width) numbers;"
        + " \(command)--one-hot makes classes of them"
    }
    guard width == 1, command.isEmpty,
      values.allSatisfy({ $0 >= 0 && $0 < 1000 && $0 == $0.rounded() })
    else {
      return nil
    }
    return
      "targets are whole numbers of a floating type, and taken for a regression; --classification"
      + " takes them for classes"
  }
  /// What to say before a network is trained on data that may be meant otherwise.
  public var trainingRemarks: [String] {
    let command = "nn-data select "
    return [channelsRemark(command: command), looksOneHot ? targetsRemark(command: command) : nil]
      .compactMap { $0.map { "\(name): \($0)" } }
  }
}
