import Files
import HDF5

extension Dataset {
  /// Writes a file of kind `dataset`, which appears whole or not at all. Names of 4000 classes or
  /// features and more are left out.
  ///
  /// - Parameters:
  ///   - target: a path; nil or "-" for standard output.
  ///   - history: the lines of the attribute `history`; nil for none.
  ///   - compress: a deflate level 1–9, nil for plain storage, which reads fastest.
  /// - Throws: `FileError` where the file cannot be created or written, or a number is not finite;
  ///   `ClosedPipe`.
  public func write(to target: String?, history: [String]?, compress: Int? = nil) throws {
    try requireFinite()
    let output = try AtomicOutput(target)
    let file = try output.createFile()
    try file.declare(kind: FileKind.dataset, in: .weightspace)
    if let history { try file.setAttribute("history", history) }
    try writeInputs(to: file, compress: compress)
    try writeTargets(to: file, compress: compress)
    try Self.writeNames(classes: classNames, features: featureNames, to: file)
    if !exampleNames.isEmpty { try file.createTexts("names", exampleNames) }
    try file.close()
    try output.commit()
  }

  private func writeInputs(to file: HDF5File, compress: Int?) throws {
    let shape = [count] + inputShape
    switch inputs {
    case .bytes(let bytes):
      let dataset = try file.createDataset(
        "inputs", type: .uint8, shape: shape, chunk: chunk(shape, size: 1, compress),
        compress: compress)
      try dataset.write(bytes)
    case .floats(let floats):
      let dataset = try file.createDataset(
        "inputs", type: .float32, shape: shape, chunk: chunk(shape, size: 4, compress),
        compress: compress)
      try dataset.write(floats)
    }
    try set("input_mean", inputMean, in: file)
    try set("input_std", inputStd, in: file)
  }

  private func writeTargets(to file: HDF5File, compress: Int?) throws {
    if isLabelled {
      switch targets {
      case .classes(let classes):
        try file.createDataset("targets", type: .int32, shape: [count]).write(classes)
      case .values(let values, let width):
        try file.createDataset("targets", type: .float32, shape: [count, width]).write(values)
      }
    }
    try set("target_mean", targetMean, in: file)
    try set("target_std", targetStd, in: file)
  }

  /// An attribute holds at most 64 KiB, 16 bytes for each name.
  static func writeNames(classes: [String], features: [String], to file: HDF5File) throws {
    for (name, list) in [("classes", classes), ("features", features)]
    where !list.isEmpty && list.count < 4000 {
      try file.setAttribute(name, list)
    }
  }

  private func set(_ name: String, _ values: [Float], in file: HDF5File) throws {
    if !values.isEmpty { try file.setAttribute(name, values.map { Double($0) }) }
  }

  /// Chunks of about 1 MiB of whole examples, needed only for compression.
  private func chunk(_ shape: [Int], size: Int, _ compress: Int?) -> [Int]? {
    guard compress != nil else { return nil }
    let bytes = max(featureCount * size, 1)
    return [max(1, min(count, (1 << 20) / bytes))] + shape.dropFirst()
  }
}
