import Files
import HDF5

extension Dataset {
  /// Reads a data set of the suite, or any HDF5 file with `inputs` and `targets`, such as two lines
  /// of h5py make it.
  ///
  /// - `inputs`: bytes stay bytes, all else becomes Float. [N, C, H, W] are images, [N, H, W] images
  ///   of one channel, [N, features] and [N] are features.
  /// - `targets`: whole numbers [N] or [N, 1] are classes, anything else [N] or [N, D] values of a
  ///   regression; floats are classes too where the file names `classes`.
  /// - Attributes that are missing mean no normalisation and unnamed classes.
  ///
  /// - Parameters:
  ///   - operand: a path, or "-" for standard input.
  ///   - group: where in the file the data set is; of a file of any kind, unless it is the root.
  ///   - rows: which of so many rows are read; all by default.
  ///   - anyTargets: whether targets may be missing, and classes be any, such as −1 for none.
  /// - Throws: `FileError` where the file cannot be read, is of another kind, has no or differing
  ///   numbers of examples, a class that is negative or not among the named, or a number that is not
  ///   finite.
  public static func read(
    _ operand: String, group: String = "/", anyTargets: Bool = false,
    rows: (_ count: Int) -> Range<Int> = { 0..<$0 }
  ) throws -> Dataset {
    let file = try HDF5File.open(operand: operand)
    defer { try? file.close() }
    let prefix = group.hasSuffix("/") ? group : group + "/"
    if group == "/", let kind = try file.kind(in: .weightspace), kind != FileKind.dataset.rawValue {
      throw FileError(.wrongData, file: file.name, "is a \(kind) file, not a data set")
    }
    let isLabelled = !anyTargets || file.exists(prefix + "targets")
    for part in isLabelled ? ["inputs", "targets"] : ["inputs"] where !file.exists(prefix + part) {
      throw FileError(
        .wrongData, file: file.name, object: group, "is not a data set: it has no \(part)")
    }
    let inputs = try file.dataset(prefix + "inputs")
    let targets = isLabelled ? try file.dataset(prefix + "targets") : nil
    guard (1...4).contains(inputs.shape.count) else {
      throw inputs.problem(
        "shape \(inputs.shape) is neither [N, C, H, W] nor [N, features]")
    }
    if let targets { try checkShape(targets, of: inputs) }
    guard inputs.shape.reduce(1, *) > 0, targets?.shape.reduce(1, *) != 0 else {
      throw inputs.problem("shape \(inputs.shape): there are no examples")
    }
    let example = Array(inputs.shape.dropFirst())
    let names = try file.stringsAttribute("classes", of: group) ?? []
    let rows = rows(inputs.shape[0])
    var dataset = Dataset(
      name: file.name,
      inputShape: example.isEmpty ? [1] : example.count == 2 ? [1] + example : example,
      inputs: try readInputs(inputs, rows),
      targets: try targets.map { try readTargets($0, rows, classNames: names, any: anyTargets) }
        ?? .classes(Array(repeating: 0, count: rows.count)),
      classNames: names)
    dataset.isLabelled = isLabelled
    try dataset.readConstants(from: file, group)
    dataset.history = try readHistory(file)
    return dataset
  }

  private static func checkShape(_ targets: HDF5Dataset, of inputs: HDF5Dataset) throws {
    guard (1...2).contains(targets.shape.count) else {
      throw targets.problem("shape \(targets.shape) is neither [N] nor [N, outputs]")
    }
    guard inputs.shape[0] == targets.shape[0] else {
      throw targets.problem("\(targets.shape[0]) targets for \(inputs.shape[0]) inputs")
    }
  }

  private static func readInputs(_ source: HDF5Dataset, _ rows: Range<Int>) throws -> Inputs {
    if source.type == .uint8 { return .bytes(try elements(of: source, rows: rows)) }
    let floats: [Float] = try elements(of: source, rows: rows)
    let width = source.shape.dropFirst().reduce(1, *)
    if let index = firstNonFinite(floats.span) {
      throw source.problem(
        "example \(rows.lowerBound + index / width): \(floats[index]) is not a finite number")
    }
    return .floats(floats)
  }

  private static func readTargets(
    _ source: HDF5Dataset, _ rows: Range<Int>, classNames: [String], any: Bool
  ) throws -> Targets {
    let width = source.shape.count == 2 ? source.shape[1] : 1
    guard let type = source.type else { throw source.problem("holds no numbers") }
    guard width == 1, type.isInteger || !classNames.isEmpty else {
      let values: [Float] = try elements(of: source, rows: rows)
      if let index = firstNonFinite(values.span) {
        throw source.problem(
          "example \(rows.lowerBound + index / width): \(values[index]) is not a finite number")
      }
      return .values(values, width: width)
    }
    // Doubles hold every label that could be meant, and the wrong ones as they are.
    let labels: [Double] = try elements(of: source, rows: rows)
    let bound = classNames.isEmpty ? maximumClassCount : classNames.count
    var classes = [Int32](repeating: 0, count: labels.count)
    for i in labels.indices {
      let label = labels[i]
      let isKnown = label >= 0 && label < Double(bound)
      guard isKnown || any && Int32(exactly: label) != nil, label == label.rounded(.down) else {
        throw source.problem(
          "example \(rows.lowerBound + i): class \(text(label)) is not one of 0…\(bound - 1)")
      }
      classes[i] = Int32(label)
    }
    return .classes(classes)
  }

  /// More classes than any network here has outputs; larger labels are a mistake in the file.
  static let maximumClassCount = 65536

  private static func text(_ label: Double) -> String {
    label == label.rounded() && abs(label) < 1e15 ? "\(Int(label))" : "\(label)"
  }

  private mutating func readConstants(from file: HDF5File, _ group: String) throws {
    func constants(_ name: String, _ allowed: [Int], _ part: String) throws -> [Float] {
      try Self.constants(name, of: group, file, allowed: allowed, part)
    }
    inputMean = try constants("input_mean", [1, channelCount], "inputs")
    inputStd = try constants("input_std", [1, channelCount], "inputs")
    if !isClassification {
      targetMean = try constants("target_mean", [outputCount], "targets")
      targetStd = try constants("target_std", [outputCount], "targets")
    } else if !isLabelled {
      targetStd = try file.doublesAttribute("target_std", of: group)?.map { Float($0) } ?? []
      targetMean = try constants("target_mean", [targetStd.count], "targets")
    }
    for (name, std) in [("input_std", inputStd), ("target_std", targetStd)] {
      guard std.allSatisfy({ $0 > 0 }) else {
        throw FileError(.wrongData, file: file.name, "attribute \(name) must be positive")
      }
    }
    // A mean without a standard deviation only shifts, and the other way round.
    if targetStd.isEmpty { targetStd = targetMean.map { _ in 1 } }
    if targetMean.isEmpty { targetMean = targetStd.map { _ in 0 } }
  }

  /// An attribute with one number per channel, feature or output; [] where it is missing.
  private static func constants(
    _ name: String, of group: String, _ file: HDF5File, allowed: [Int], _ part: String
  ) throws -> [Float] {
    guard let values = try file.doublesAttribute(name, of: group) else { return [] }
    guard allowed.contains(values.count) else {
      throw FileError(
        .wrongData, file: file.name,
        "attribute \(name) has \(values.count) numbers, but \(part) need \(allowed.last!)")
    }
    guard values.allSatisfy(\.isFinite) else {
      throw FileError(.wrongData, file: file.name, "attribute \(name) is not finite")
    }
    return values.map { Float($0) }
  }

  private static func readHistory(_ file: HDF5File) throws -> [String] {
    (try file.stringsAttribute("history") ?? [])
      .flatMap { $0.split(separator: "\n").map { String($0) } }
  }
}
