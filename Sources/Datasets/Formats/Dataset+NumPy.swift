import Files
import Machine

extension Dataset {
  /// Reads arrays in NumPy's format: inputs [N, C, H, W], [N, H, W], [N, features] or [N], and targets
  /// [N], [N, 1] or [N, outputs]; without targets where `targets` is nil.
  ///
  /// - Throws: `FileError` where a file is no such array, or the two differ in number.
  public static func npy(
    inputs: String, targets: String?, kind: TargetKind = .asStored
  ) throws -> Dataset {
    try arrays(
      inputs: numberArray(inputs), targets: targets.map { try numberArray($0) }, kind: kind,
      name: inputs)
  }

  /// Reads two arrays of a NumPy archive, by the names given or by those that are in use.
  ///
  /// - Parameter split: which part of an archive with several, such as "train".
  /// - Throws: `FileError` where there is no such array, or more than one could be meant.
  public static func npz(
    _ path: String, inputs: String? = nil, targets: String? = nil, split: String? = nil,
    unlabelled: Bool = false, kind: TargetKind = .asStored
  ) throws -> Dataset {
    let file = try PlainFile(path)
    let head = try file.bytes(0..<min(4, file.size))
    guard head.starts(with: [0x50, 0x4b]) else {
      throw file.problem("is no NumPy archive" + file.kindOfContent)
    }
    let archive = try NpzArchive(file)
    let choice = try ArrayChoice(
      archive.tensors.map(\.name), inputs: inputs, targets: targets, split: split, file: file)
    func array(_ name: String) -> PlainTensor { archive.tensors.first { $0.name == name }! }
    return try arrays(
      inputs: array(choice.inputs), targets: unlabelled ? nil : choice.targets.map(array),
      kind: kind, name: path)
  }

  private static func numberArray(_ path: String) throws -> PlainTensor {
    let file = try PlainFile(path)
    guard file.size > 0 else { throw file.problem("is empty") }
    if let array = try PlainTensor(npy: file, name: "", at: 0, size: file.size) { return array }
    throw file.problem("holds text, not numbers")
  }

  private static func arrays(
    inputs: PlainTensor, targets: PlainTensor?, kind: TargetKind, name: String
  ) throws -> Dataset {
    guard (1...4).contains(inputs.shape.count) else {
      throw inputs.problem("shape \(inputs.shape) is neither [N, C, H, W] nor [N, features]")
    }
    guard inputs.count > 0 else {
      throw inputs.problem("shape \(inputs.shape): there are no examples")
    }
    let count = inputs.shape[0]
    if let targets, targets.shape.first != count {
      throw targets.problem("shape \(targets.shape), but there are \(count) inputs")
    }
    let isBytes = inputs.type == .uint8
    var need = MemoryNeed("shape \(inputs.shape)")
    need.add(Double(inputs.count) * (isBytes ? 1 : 4), "its numbers")
    do { try need.check() } catch { throw inputs.problem("\(error)") }
    let (labels, classNames) =
      try targets.map { try kind.targets($0) }
      ?? (.classes(Array(repeating: 0, count: count)), [])
    let example = Array(inputs.shape.dropFirst())
    var dataset = Dataset(
      name: name, inputShape: example.isEmpty ? [1] : example.count == 2 ? [1] + example : example,
      inputs: isBytes ? .bytes(try inputs.bytes()) : .floats(try inputs.floats()), targets: labels,
      classNames: classNames)
    dataset.isLabelled = targets != nil
    try dataset.requireFinite()
    guard case .oneHot = kind, targets != nil else { return dataset }
    return try dataset.takingOneHot()
  }
}
