import Files
import WeightSpace

extension PictureReading {
  /// What reading a list would take, as far as its first picture tells it of all.
  public struct Cost {
    /// Of all files, in bytes.
    public let inputBytes: Double
    /// Rows in memory at once, and the pictures that are decoded at once, in bytes.
    public let rowBytes: Double
    public let pictureBytes: Double
    /// The data set without its bytes.
    public let outline: Dataset
    /// Of all threads together.
    public let seconds: Double
  }

  /// Seconds that decoding and resizing take for each pixel of a picture.
  private static let secondsPerPixel = 6e-9

  /// - Throws: as `write`, for the first picture.
  public func cost(of list: PictureList) throws -> Cost {
    guard let first = try firstShape(of: list) else { throw nothingReadable(in: list) }
    var labels = Dataset(
      name: list.name, inputShape: [0], inputs: .bytes([]),
      targets: .classes(list.entries.map(\.label)), classNames: list.classNames)
    labels.exampleNames = list.entries.map(\.name)
    labels.isLabelled = list.isLabelled
    let threads = min(Parallelism.threadCount, list.count)
    return Cost(
      inputBytes: Double(try list.entries.reduce(0) { try $0 + list.size(of: $1) }),
      rowBytes: Double(rowsAtOnce(first.array, of: list) * first.array.reduce(1, *)),
      pictureBytes: Double(threads * first.pixels * first.channels),
      outline: Dataset(outline: labels, inputShape: first.array, inputs: .bytes([])),
      seconds: Self.secondsPerPixel * Double(first.pixels) * Double(list.count) / Double(threads))
  }

  func nothingReadable(in list: PictureList) -> FileError {
    FileError(.wrongData, file: list.name, "no picture of \(list.count) can be read")
  }
}
