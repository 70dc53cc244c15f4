import HDF5

extension Dataset {
  /// As `read(_:group:anyTargets:)`, where all is wanted, or all but the inputs, whose elements are not
  /// read: targets, shapes and constants are those of the file.
  public static func read(
    _ operand: String, anyTargets: Bool = false, withInputs: Bool
  ) throws -> Dataset {
    withInputs
      ? try read(operand, anyTargets: anyTargets)
      : try DatasetFile(operand, anyTargets: anyTargets).outline()
  }

  /// What the inputs take in memory, in bytes.
  public var inputBytes: Double {
    let size = if case .bytes = inputs { 1.0 } else { 4.0 }
    return size * Double(count) * Double(featureCount)
  }

  /// What the targets take in memory, in bytes.
  public var targetBytes: Double {
    if case .values(_, let width) = targets {
      4 * Double(count) * Double(width)
    } else {
      4 * Double(count)
    }
  }

  /// What a batch of it takes, normalised, in bytes.
  public func batchBytes(_ batchSize: Int) -> Double {
    4 * Double(min(batchSize, count)) * Double(featureCount + 1)
  }

  /// What copying rows from among others takes besides the rows themselves, in bytes: their order, and a
  /// few megabytes of rows that lie together.
  public var gatheringBytes: Double { 24 * Double(count) + min(inputBytes, 4e6) }

  /// The size of the file that `write` makes of it, uncompressed.
  public func fileBytes(history: [String]?) -> Double {
    var file = HDF5FileSize()
    file.addDataset(
      [count] + inputShape, elementSize: { if case .bytes = inputs { 1 } else { 4 } }())
    file.addDataset([Int(targetBytes) / 4], elementSize: 4)
    for text in (history ?? []) + classNames + featureNames + exampleNames {
      file.addText(text.utf8.count + 16)
    }
    return file.bytes
  }
}

extension Synthetic {
  /// As `dataset(count:seed:)`, without the elements of the inputs; the targets are not what they will
  /// be.
  public func outline(count: Int) -> Dataset {
    let one = dataset(count: 1, seed: 0)
    var targets = Dataset.Targets.classes(Array(repeating: 0, count: count))
    if case .values(_, let width) = one.targets {
      targets = .values(Array(repeating: 0, count: count * width), width: width)
    }
    let labels = Dataset(
      name: one.name, inputShape: [0], inputs: .floats([]), targets: targets,
      classNames: one.classNames)
    let isBytes = if case .bytes = one.inputs { true } else { false }
    return Dataset(
      outline: labels, inputShape: one.inputShape, inputs: isBytes ? .bytes([]) : .floats([]))
  }
}
