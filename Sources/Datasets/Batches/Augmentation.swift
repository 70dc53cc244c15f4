/// The published augmentations of training images: a random crop of the image padded on each
/// side, and a horizontal flip with probability one half.
///
/// Both are drawn anew for every example in every epoch. Pad pixels are 0 before normalisation,
/// so they become (0 − mean) / std. Crop and flip are independent and the shifts symmetric, so
/// "crop, then flip" and "flip, then crop" are the same distribution: the order of the names does
/// not matter.
public struct Augmentation: Sendable, Equatable {
  public var flip: Bool
  /// The width of the padding of the random crop, nil for no crop.
  public var crop: Int?

  public static let none = Augmentation()

  public init(flip: Bool = false, crop: Int? = nil) {
    precondition(crop ?? 0 >= 0, "a padding is not negative")
    self.flip = flip
    self.crop = crop
  }

  /// Reads a list such as `crop,flip`, `flip`, `crop:2` (padding 2 instead of 4) or `none`.
  ///
  /// - Throws: `AugmentationError` on any other word.
  public static func parse(_ text: String) throws -> Augmentation {
    var result = Augmentation.none
    for word in text.split(separator: ",", omittingEmptySubsequences: false) {
      let parts = word.split(separator: ":", omittingEmptySubsequences: false)
      switch (parts[0], parts.count) {
      case ("none", 1): break
      case ("flip", 1): result.flip = true
      case ("crop", 1): result.crop = 4
      case ("crop", 2):
        guard let padding = Int(parts[1]), padding > 0, padding <= 1024 else {
          throw AugmentationError(word: String(word))
        }
        result.crop = padding
      default: throw AugmentationError(word: String(word))
      }
    }
    return result
  }

  public var isNone: Bool { !flip && (crop ?? 0) == 0 }

  /// What happens to example `index` in `epoch`: a pure function of its arguments and the seed.
  func draw(seed: UInt64, epoch: Int, index: Int) -> Placement {
    if isNone { return Placement(dx: 0, dy: 0, flipped: false) }
    let words = Stream.augmentation(epoch: epoch).words(seed: seed, counter: index)
    let padding = crop ?? 0
    return Placement(
      dx: Self.scale(words.1, 2 * padding + 1) - padding,
      dy: Self.scale(words.2, 2 * padding + 1) - padding,
      flipped: flip && words.0 >> 31 == 1)
  }

  /// Maps a uniform word to 0..<bound (unequal by less than bound / 2³²).
  private static func scale(_ word: UInt32, _ bound: Int) -> Int {
    Int((UInt64(word) * UInt64(bound)) >> 32)
  }

  /// Output pixel (y, x) is source pixel (y + dy, x + dx), then mirrored if `flipped`.
  struct Placement: Equatable {
    var dx: Int
    var dy: Int
    var flipped: Bool
  }
}

/// A word that names no augmentation.
public struct AugmentationError: Error, CustomStringConvertible, Equatable {
  public let word: String
  public var description: String {
    "'\(word)' is not an augmentation; known are crop, crop:PADDING, flip and none"
  }
}
