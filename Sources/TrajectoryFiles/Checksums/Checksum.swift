import CCrypto
import Files
import HDF5

/// SHA-256 of a dataset's numbers, as the attribute `sha256` keeps it.
///
/// The numbers are taken as they are stored, little-endian and row-major: the bytes that
/// `f[path][()].tobytes()` gives in h5py. (FIPS 180-4.)
@safe public final class Checksum {
  /// The name of the attribute.
  public static let attribute = "sha256"

  private let context: OpaquePointer

  private init() {
    unsafe context = EVP_MD_CTX_new()
    unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil)
  }

  deinit { unsafe EVP_MD_CTX_free(context) }

  private func add<T: BitwiseCopyable>(_ values: [T]) {
    unsafe values.withUnsafeBytes { bytes in
      _ = unsafe EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    }
  }

  /// The digest in hexadecimal digits; to be called once, at the end.
  private func finish() -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    unsafe EVP_DigestFinal_ex(context, &digest, nil)
    return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// The checksum of a dataset; nil where it holds no numbers that are taken as they are stored.
  ///
  /// Cost: one pass over it, at the speed of the processor's instructions for SHA-256.
  public static func of(_ dataset: HDF5Dataset) throws -> String? {
    switch dataset.type {
    case .float32: try digest(dataset, Float.self)
    case .float64: try digest(dataset, Double.self)
    case .int64: try digest(dataset, Int64.self)
    case .int32: try digest(dataset, Int32.self)
    case .uint8: try digest(dataset, UInt8.self)
    default: try digest(bytesOf: dataset)
    }
  }

  private static func digest<T: HDF5Element>(_ dataset: HDF5Dataset, _: T.Type) throws -> String {
    let checksum = Checksum()
    try dataset.forEachBlock { (values: [T]) in checksum.add(values) }
    return checksum.finish()
  }

  /// Of elements that are only carried along; nil for texts and the like.
  private static func digest(bytesOf dataset: HDF5Dataset) throws -> String? {
    guard try dataset.byteType() != nil else { return nil }
    let checksum = Checksum()
    for start in stride(from: 0, to: dataset.count, by: 1 << 18) {
      for block in rectangles(
        of: start..<min(start + (1 << 18), dataset.count), in: dataset.shape)
      {
        checksum.add(try dataset.readBytes(start: block.start, count: block.count))
      }
    }
    return checksum.finish()
  }

  /// Gives every dataset of a file, which is written but still open, its checksum.
  ///
  /// - Throws: `FileError` of kind `inputOutput`.
  static func addAll(to file: HDF5File) throws {
    for path in try file.datasetPaths() {
      guard let text = try of(file.dataset(path)) else { continue }
      try file.setAttribute(attribute, of: path, text)
    }
  }
}
