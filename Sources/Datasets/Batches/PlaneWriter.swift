/// Writes one channel of an image, shifted and mirrored: whole rows at a time, so that no pixel
/// asks where it lies. The two row loops check their bounds once, before the loop, so that they
/// vectorise.
struct PlaneWriter {
  private let height: Int
  private let width: Int
  private let placement: Augmentation.Placement
  /// The rows and columns of the shifted plane that lie inside the source; the rest is padding.
  private let rows: Range<Int>
  private let columns: Range<Int>

  init(height: Int, width: Int, placement: Augmentation.Placement) {
    self.height = height
    self.width = width
    self.placement = placement
    rows = Self.inside(height, shift: placement.dy)
    columns = Self.inside(width, shift: placement.dx)
  }

  /// The positions p with 0 ≤ p + shift < length.
  private static func inside(_ length: Int, shift: Int) -> Range<Int> {
    let first = min(max(0, -shift), length)
    return first..<max(first, min(length, length - shift))
  }

  /// Plane number `plane` of `output` becomes plane number `sourcePlane` of `source`.
  func write<Element: StoredElement>(
    _ source: Span<Element>, plane sourcePlane: Int, through map: LinearMap,
    to output: inout MutableSpan<Float>, plane: Int
  ) {
    let area = height * width
    let base = plane * area
    let shifted = rows.count != height || columns.count != width
    if !shifted && !placement.flipped {
      copy(source, from: sourcePlane * area, count: area, through: map, to: &output, at: base)
      return
    }
    if shifted { fill(&output, at: base, count: area, with: map.padding) }
    for y in rows {
      let from = sourcePlane * area + (y + placement.dy) * width + columns.lowerBound + placement.dx
      if placement.flipped {
        mirror(
          source, from: from, count: columns.count, through: map, to: &output,
          endingAt: base + (y + 1) * width - 1 - columns.lowerBound)
      } else {
        copy(
          source, from: from, count: columns.count, through: map, to: &output,
          at: base + y * width + columns.lowerBound)
      }
    }
  }

  private func copy<Element: StoredElement>(
    _ source: Span<Element>, from: Int, count: Int, through map: LinearMap,
    to output: inout MutableSpan<Float>, at target: Int
  ) {
    precondition(from >= 0 && from + count <= source.count)
    precondition(target >= 0 && target + count <= output.count)
    for i in 0..<count {
      unsafe output[unchecked: target &+ i] = map(source[unchecked: from &+ i])
    }
  }

  private func mirror<Element: StoredElement>(
    _ source: Span<Element>, from: Int, count: Int, through map: LinearMap,
    to output: inout MutableSpan<Float>, endingAt last: Int
  ) {
    precondition(from >= 0 && from + count <= source.count)
    precondition(last - count + 1 >= 0 && last < output.count)
    for i in 0..<count {
      unsafe output[unchecked: last &- i] = map(source[unchecked: from &+ i])
    }
  }

  private func fill(
    _ output: inout MutableSpan<Float>, at target: Int, count: Int, with value: Float
  ) {
    for i in target..<target + count { output[i] = value }
  }
}
