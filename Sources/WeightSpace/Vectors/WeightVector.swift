/// One point of weight space: `count` Floats in one contiguous, 64-byte aligned buffer.
///
/// Noncopyable, so that no copy of a large network is ever made by accident; `clone()` says it
/// aloud. Elementwise algebra is in `WeightVector+Algebra.swift`.
@safe
public struct WeightVector: ~Copyable, @unchecked Sendable {
  // Sendable: the vector is the only owner of its memory, and mutation needs `inout` access.

  public let count: Int
  private let buffer: UnsafeMutableBufferPointer<Float>

  private static func allocate(_ count: Int) -> UnsafeMutableBufferPointer<Float> {
    let raw = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * 4, alignment: 64)
    return unsafe UnsafeMutableBufferPointer(
      start: raw.bindMemory(to: Float.self, capacity: count), count: count)
  }

  /// The zero vector. Cost: O(count).
  public init(count: Int) {
    self.count = count
    unsafe buffer = Self.allocate(count)
    unsafe buffer.initialize(repeating: 0)
  }

  public init(_ elements: [Float]) {
    self.count = elements.count
    unsafe buffer = Self.allocate(elements.count)
    _ = unsafe buffer.initialize(from: elements)
  }

  deinit { unsafe buffer.baseAddress?.deallocate() }

  /// A copy of all elements. Cost: O(count).
  public func clone() -> WeightVector {
    let copy = WeightVector(count: count)
    _ = unsafe copy.buffer.update(from: buffer)
    return copy
  }

  public var elements: [Float] { unsafe Array(buffer) }

  public subscript(index: Int) -> Float {
    get {
      precondition(index >= 0 && index < count, "index out of range")
      return unsafe buffer[index]
    }
    set {
      precondition(index >= 0 && index < count, "index out of range")
      unsafe buffer[index] = newValue
    }
  }

  /// Reads a range (the whole vector by default) as a span.
  public func withSpan<Result>(
    _ range: Range<Int>? = nil, _ body: (Span<Float>) throws -> Result
  ) rethrows -> Result {
    let part = unsafe UnsafeBufferPointer(buffer.extracting(range ?? 0..<count))
    return try unsafe body(part.span)
  }

  /// Changes a range (the whole vector by default) through a mutable span.
  public mutating func withMutableSpan<Result>(
    _ range: Range<Int>? = nil, _ body: (inout MutableSpan<Float>) throws -> Result
  ) rethrows -> Result {
    let part = unsafe buffer.extracting(range ?? 0..<count)
    var span = unsafe part.mutableSpan
    return try body(&span)
  }

  /// For the C wrappers: the elements' address, valid while the vector lives.
  @unsafe public func withUnsafeBufferPointer<Result>(
    _ body: (UnsafeBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    try unsafe body(UnsafeBufferPointer(buffer))
  }

  /// For the C wrappers: the elements' address for writing, valid while the vector lives.
  @unsafe public mutating func withUnsafeMutableBufferPointer<Result>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    try unsafe body(buffer)
  }
}
