import Files
import HDF5
import TrajectoryFiles

/// Says what is in a file, and what is wrong with it.
public enum Inspection {
  public enum Depth: Sendable {
    /// Structure: kind, objects, types and shapes. Reads no numbers but `committed`.
    case quick
    /// Every number too. Cost: one pass over the file; memory for a block of 2²⁰ numbers.
    case full
  }

  /// Inspects any file that the suite reads weights, data or predictions from.
  ///
  /// - Parameter operand: a path, "-" for standard input, a checkpoint with a key, such as
  ///   `ckpt.pt:state_dict`, or a folder of Hugging Face.
  /// - Throws: `FileError` of kind `missingInput` where there is nothing to read. What is wrong with
  ///   the contents is in the report.
  public static func report(on operand: String, depth: Depth) throws -> FileReport {
    let place = try CheckpointOperand(operand)
    let source = try SpooledInput(place.path)
    do {
      if let listing = try StateDictListing(source, key: place.key) {
        return report(on: listing, source.name, depth)
      }
      let file = try HDF5File.open(source)
      var report = HDF5Inspection(file, depth: depth).run()
      do { try file.close() } catch let error as FileError { report.note(nil, error.problem) }
      return report
    } catch let error as FileError where error.kind == .wrongData {
      var report = FileReport(name: source.name)
      report.note(error.object, error.problem)
      return report
    }
  }

  private static func report(
    on listing: StateDictListing, _ name: String, _ depth: Depth
  ) -> FileReport {
    var report = FileReport(name: name)
    report.kind = listing.format
    report.snapshots = listing.format == "npy" ? nil : 1
    for tensor in listing.tensors {
      var object = ObjectReport(
        path: tensor.name, type: "\(tensor.type)", shape: tensor.shape, numbers: nil)
      if depth == .full, !tensor.type.isOpaque {
        object.numbers = report.attempt(tensor.name) { try summary(of: tensor) }
        if tensor.type.isFloatingPoint { report.noteNonFinite(object) }
      }
      report.objects.append(object)
    }
    return report
  }

  private static func summary(of tensor: PlainTensor) throws -> NumberSummary {
    var summary = NumberSummary()
    let length = 1 << 20
    for start in stride(from: 0, to: tensor.count, by: length) {
      let values = try tensor.read(start..<min(start + length, tensor.count))
      summary.add(values.span)
    }
    return summary
  }
}

/// The index along each axis of an element that is counted row-major.
func indices(of element: Int, in shape: [Int]) -> [Int] {
  var rest = element
  var indices: [Int] = []
  for extent in shape.reversed() {
    indices.append(rest % max(1, extent))
    rest /= max(1, extent)
  }
  return indices.reversed()
}

extension FileReport {
  /// Notes the first NaN or infinity of an object, and how many there are.
  mutating func noteNonFinite(_ object: ObjectReport) {
    guard let numbers = object.numbers, let first = numbers.firstNonFinite else { return }
    let place = "element \(indices(of: first.index, in: object.shape))"
    let others = numbers.nonFiniteCount - 1
    note(
      object.path,
      "\(first.value.isNaN ? "NaN" : "an infinity") in \(place)"
        + (others > 0 ? ", and \(others) more" : ""))
  }
}
