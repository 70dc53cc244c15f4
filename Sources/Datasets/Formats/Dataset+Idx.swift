import Files

extension Dataset {
  /// Reads pairs of idx files (LeCun's format of MNIST and its relatives), each gzipped or not:
  /// images [N, H, W] or [N, C, H, W], or features [N, F]; and labels [N]. Several pairs follow one
  /// another in the data set.
  ///
  /// Without labels they are all images. Bytes stay bytes, numbers of other types become Floats. Classes are named by their numbers.
  ///
  /// - Throws: `FileError` where a file is no idx file, is cut off, or where two files do not fit.
  public static func idx(_ pairs: [(images: String, labels: String?)]) throws -> Dataset {
    precondition(!pairs.isEmpty, "no files")
    var shape: [Int] = []
    var bytes: [UInt8] = []
    var floats: [Float]?
    var classes: [Int32] = []
    for (number, pair) in pairs.enumerated() {
      // First, as their number bounds what is read of the images.
      let known = pair.labels.flatMap { try? IdxFile($0) }
      let images = try IdxFile(pair.images, examples: known?.shape[0])
      let labels = try known ?? pair.labels.map { try IdxFile($0) }
      if let labels, images.shape.count == 1 && labels.shape.count > 1 {
        throw images.problem("holds labels: give the images first, then the labels")
      }
      guard (2...4).contains(images.shape.count) else {
        throw images.problem("shape \(images.shape) is not that of images")
      }
      if let labels {
        guard labels.shape.count == 1 else {
          throw labels.problem("shape \(labels.shape) is not that of labels")
        }
        guard labels.shape[0] == images.shape[0] else {
          throw labels.problem(
            "\(labels.shape[0]) labels, but \(pair.images) has \(images.shape[0]) images")
        }
      }
      let own = Array(images.shape.dropFirst())
      if number == 0 {
        shape = own
        if images.type != .byte { floats = [] }
      } else if own != shape {
        throw images.problem("images of shape \(own), but those of \(pairs[0].images) are \(shape)")
      } else if (images.type == .byte) != (floats == nil) {
        throw images.problem("numbers of another type than in \(pairs[0].images)")
      }
      if floats == nil { bytes += images.elements } else { floats! += try images.finiteFloats() }
      classes += try labels?.classes() ?? Array(repeating: 0, count: images.shape[0])
    }
    let isLabelled = pairs.contains { $0.labels != nil }
    let largest = isLabelled ? Int(classes.max() ?? -1) : -1
    var dataset = Dataset(
      name: pairs[0].images, inputShape: shape.count == 2 ? [1] + shape : shape,
      inputs: floats.map { .floats($0) } ?? .bytes(bytes), targets: .classes(classes),
      classNames: largest < 0 ? [] : (0...largest).map { String($0) })
    dataset.isLabelled = isLabelled
    return dataset
  }
}
