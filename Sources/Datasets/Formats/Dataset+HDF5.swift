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
  /// - `names`, `features`: what examples and features are called.
  /// - Attributes that are missing mean no normalisation and unnamed classes.
  ///
  /// - Parameters:
  ///   - operand: a path, or "-" for standard input.
  ///   - group: where in the file the data set is; of a file of any kind, unless it is the root.
  ///   - anyTargets: whether targets may be missing, and classes be any, such as −1 for none.
  /// - Throws: `FileError` where the file cannot be read, is of another kind, has no or differing
  ///   numbers of examples, a class that is negative or not among the named, or a number that is not
  ///   finite.
  public static func read(
    _ operand: String, group: String = "/", anyTargets: Bool = false
  ) throws -> Dataset {
    try DatasetFile(operand, group: group, anyTargets: anyTargets).read()
  }

  static func readTargets(
    _ source: HDF5Dataset, classNames: [String], any: Bool
  ) throws -> Targets {
    let width = source.shape.count == 2 ? source.shape[1] : 1
    guard let type = source.type else { throw source.problem("holds no numbers") }
    guard width == 1, type.isInteger || !classNames.isEmpty else {
      let values: [Float] = try elements(of: source)
      if let index = firstNonFinite(values.span) {
        throw source.problem("example \(index / width): \(values[index]) is not a finite number")
      }
      return .values(values, width: width)
    }
    // Doubles hold every label that could be meant, and the wrong ones as they are.
    let labels: [Double] = try elements(of: source)
    let bound = classNames.isEmpty ? maximumClassCount : classNames.count
    var classes = [Int32](repeating: 0, count: labels.count)
    for i in labels.indices {
      let label = labels[i]
      let isKnown = label >= 0 && label < Double(bound)
      guard isKnown || any && Int32(exactly: label) != nil, label == label.rounded(.down) else {
        throw source.problem(
          "example \(i): class \(text(label)) is not one of 0…\(bound - 1)")
      }
      classes[i] = Int32(label)
    }
    return .classes(classes)
  }

  /// More classes than any network here has outputs; larger labels are a mistake in the file.
  static let maximumClassCount = 65536

  static func text(_ label: Double) -> String {
    label == label.rounded() && abs(label) < 1e15 ? "\(Int(label))" : "\(label)"
  }

  mutating func readConstants(from file: HDF5File, _ group: String) throws {
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

  static func readHistory(_ file: HDF5File) throws -> [String] {
    (try file.stringsAttribute("history") ?? [])
      .flatMap { $0.split(separator: "\n").map { String($0) } }
  }
}
