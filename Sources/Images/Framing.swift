/// The size that a picture is made, and the part of it that is kept.
public struct Frame: Equatable, Sendable {
  /// The whole, resized.
  public let width: Int
  public let height: Int
  /// The part.
  public let left: Int
  public let top: Int
  public let columns: Int
  public let rows: Int
}

/// How pictures of any size become pictures of one.
public struct Framing: Equatable, Sendable {
  public enum Size: Equatable, Sendable {
    /// As the picture is.
    case own
    /// The shorter side so long, the longer in proportion, as torchvision's `Resize(n)`.
    case shorter(Int)
    /// Both sides so long, whatever the proportions, as `Resize((n, n))`.
    case both(Int)
  }

  public var size: Size
  /// The side of the square in the middle that is kept, as `CenterCrop(n)`; nil for all.
  public var crop: Int?

  public init(size: Size = .own, crop: Int? = nil) {
    self.size = size
    self.crop = crop
  }

  /// - Throws: `PictureError` where the crop is larger than the picture.
  public func frame(width: Int, height: Int) throws(PictureError) -> Frame {
    let (columns, rows) =
      switch size {
      case .own: (width, height)
      case .both(let side): (side, side)
      case .shorter(let side):
        width <= height
          ? (side, Self.proportional(height, side, width))
          : (Self.proportional(width, side, height), side)
      }
    guard let crop else {
      return Frame(
        width: columns, height: rows, left: 0, top: 0, columns: columns, rows: rows)
    }
    guard crop <= min(columns, rows) else {
      throw PictureError(
        description: "\(columns) x \(rows) pixels are less than a crop of \(crop); --size resizes")
    }
    return Frame(
      width: columns, height: rows, left: Self.half(columns - crop), top: Self.half(rows - crop),
      columns: crop, rows: crop)
  }

  /// `int(side * longer / shorter)` of Python, whose quotient is rounded once to a float64.
  private static func proportional(_ longer: Int, _ side: Int, _ shorter: Int) -> Int {
    Int(Double(side * longer) / Double(shorter))
  }

  /// `int(round(n / 2))` of Python, which rounds halves to even.
  private static func half(_ n: Int) -> Int {
    Int((Double(n) / 2).rounded(.toNearestOrEven))
  }
}
