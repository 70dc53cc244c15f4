import Files
import WeightSpace

/// The running statistics in a file of another program, whatever else is in it.
public struct StatisticsFile {
  private let group: PlainTensorGroup
  private let name: String
  public var layout: VectorLayout { group.layout }

  /// - Parameter expected: what the statistics are called; nil for what `ForeignRole` takes for some.
  /// - Throws: `FileError`: `missingInput`; `wrongData` for a file of another format, and one without
  ///   statistics.
  public init(_ path: String, like expected: VectorLayout?) throws {
    name = path
    // What is not there is said here, not by the opener of another format.
    _ = try PlainFile(path)
    let tensors = try PlainTensorFile(SpooledInput(path), key: nil)?.tensors ?? []
    let floats = tensors.filter(\.type.isFloatingPoint)
    let roles = try ForeignRole.roles(
      of: floats.map { ($0.name, $0.shape) }, file: path, isStrict: false)
    let statistics = zip(floats, roles).filter { tensor, role in
      expected.map { $0[tensor.name] != nil } ?? (role == .statistic)
    }.map(\.0)
    guard !statistics.isEmpty else {
      throw FileError(
        .wrongData, file: path,
        "no tensor in it is a running statistic, such as \(expected?.slots.first?.name ?? "bn.running_mean")"
      )
    }
    group = try PlainTensorGroup(statistics, file: path)
  }

  /// Reads all statistics, in the order of a layout: tensors are matched by name.
  ///
  /// - Parameter other: what has that layout, for messages.
  /// - Throws: `FileError` of kind `wrongData` for the first tensor that is missing, extra or of another
  ///   shape, for one that is not finite, and for a negative variance.
  public func read(
    into vector: inout WeightVector, like layout: VectorLayout, named other: String
  ) throws {
    precondition(vector.count == layout.count, "an element for each of the layout's")
    let arranged = try group.arranged(like: layout, named: other, file: name)
    try unsafe vector.withUnsafeMutableBufferPointer {
      try unsafe arranged.read(columns: 0..<layout.count, into: $0)
    }
    for slot in layout.slots {
      for k in slot.range {
        let isNegative =
          vector[k] < 0 && ["running_var", "moving_variance"].contains { slot.name.hasSuffix($0) }
        guard !vector[k].isFinite || isNegative else { continue }
        throw FileError(
          .wrongData, file: name, object: slot.name,
          "element \(k - slot.range.lowerBound) is \(vector[k])"
            + (isNegative ? ", a negative variance" : ""))
      }
    }
  }
}
