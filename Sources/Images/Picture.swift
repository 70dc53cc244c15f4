import CImages

/// What is wrong with a picture, in words that follow its file's name.
public struct PictureError: Error, CustomStringConvertible, Equatable, Sendable {
  public let description: String
}

/// A decoded picture: rows of pixels of 3 bytes, RGB, or of 1, grey.
///
/// As Pillow's `Image.open(f).convert("RGB")`, or `convert("L")`: palettes are looked up, alpha is
/// dropped, orientation and gamma in the file's notes are not looked at. 16 bits are cut to the upper 8.
public struct Picture {
  public let width: Int
  public let height: Int
  public let channels: Int
  /// What the decoder complained of without giving up; nil where it did not.
  public let warning: String?
  fileprivate let pixels: [UInt8]

  /// - Parameter channels: 3 or 1.
  /// - Throws: `PictureError` for what is neither JPEG nor PNG, is damaged or cut off, or has more than
  ///   64 million pixels.
  public init(_ bytes: [UInt8], channels: Int) throws(PictureError) {
    precondition(channels == 1 || channels == 3, "grey or RGB")
    var found = ci_picture()
    let status = unsafe bytes.withUnsafeBufferPointer {
      unsafe ci_size($0.baseAddress, $0.count, &found)
    }
    guard status == CI_OK else { throw PictureError(description: Self.words(found)) }
    let count = found.width * found.height * channels
    var result = CI_OK
    let pixels = unsafe [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
      result = unsafe bytes.withUnsafeBufferPointer {
        unsafe ci_decode(
          $0.baseAddress, $0.count, Int32(channels), target.baseAddress, count, &found)
      }
      // A decoder that gave up left the rest unwritten; nobody reads it.
      initialized = result == CI_OK ? count : 0
    }
    guard result == CI_OK else { throw PictureError(description: Self.words(found)) }
    self.pixels = pixels
    self.channels = channels
    (width, height) = (found.width, found.height)
    warning = found.warnings > 0 ? Self.words(found) : nil
  }

  private static func words(_ picture: ci_picture) -> String {
    unsafe withUnsafeBytes(of: picture.words) {
      unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  /// Writes what a frame shows of the picture as planes [channels, rows, columns], and returns each
  /// plane's sum and sum of squares.
  ///
  /// A triangle filter as wide as the ratio of the sizes, along rows and then along columns, rounded to
  /// bytes after each: to the bit what Pillow makes up to version 12, and torchvision of its images.
  public func write(
    _ frame: Frame, to target: UnsafeMutableBufferPointer<UInt8>
  ) -> [(sum: Int, squares: Int)] {
    let area = frame.rows * frame.columns
    precondition(target.count == channels * area, "a target of the frame's size")
    precondition(
      frame.left + frame.columns <= frame.width && frame.top + frame.rows <= frame.height,
      "a part of the resized picture")
    var own = ci_frame(
      width: frame.width, height: frame.height, left: frame.left, top: frame.top,
      columns: frame.columns, rows: frame.rows)
    let scratch = UnsafeMutableRawPointer.allocate(
      byteCount: ci_resize_scratch(width, height, Int32(channels), &own), alignment: 64)
    defer { unsafe scratch.deallocate() }
    unsafe pixels.withUnsafeBufferPointer {
      unsafe ci_resize(
        $0.baseAddress, width, height, Int32(channels), &own, target.baseAddress, scratch)
    }
    return (0..<channels).map { channel in
      var (sum, squares): (UInt64, UInt64) = (0, 0)
      let plane = unsafe UnsafeMutableBufferPointer(
        rebasing: target[(channel * area)..<((channel + 1) * area)])
      unsafe ci_moments(plane.baseAddress, area, &sum, &squares)
      return (Int(sum), Int(squares))
    }
  }
}
