import COneDNN

/// Turns oneDNN's status into an error that names the call.
func check(_ status: Int32, _ call: String) throws {
  guard status == 0 else {
    throw NetworkError("oneDNN cannot create \(call) (status \(status))")
  }
}

/// The logical shape and the physical order of a tensor (a oneDNN memory descriptor).
@safe
final class Layout {
  let handle: OpaquePointer
  /// Rank 1, 2 or 4; the batch comes first.
  let shape: [Int]

  init(adopting handle: OpaquePointer, shape: [Int]) {
    unsafe self.handle = handle
    self.shape = shape
  }

  convenience init(_ shape: [Int], _ format: odnn_format) throws {
    var handle: OpaquePointer?
    try unsafe check(
      odnn_layout_create(&handle, Int32(shape.count), shape.map(Int64.init), format),
      "a tensor of shape \(shape)")
    unsafe self.init(adopting: handle!, shape: shape)
  }

  /// A part of this tensor, seen in the whole tensor's memory; nil where the physical order does
  /// not let it start there.
  func part(_ shape: [Int], offsets: [Int]) -> Layout? {
    var part: OpaquePointer?
    let status = unsafe odnn_layout_create_part(
      &part, handle, shape.map(Int64.init), offsets.map(Int64.init))
    return unsafe status == 0 ? Layout(adopting: part!, shape: shape) : nil
  }

  /// The same memory with its first two axes exchanged.
  func exchanged() throws -> Layout {
    var result: OpaquePointer?
    try unsafe check(
      odnn_layout_create_exchanged(&result, handle, Int32(shape.count)), "a transposed tensor")
    return unsafe Layout(
      adopting: result!, shape: [shape[1], shape[0]] + shape.dropFirst(2))
  }

  deinit { unsafe odnn_layout_destroy(handle) }

  var byteCount: Int { unsafe odnn_layout_size(handle) }

  /// Whether a tensor has the same bytes in both layouts, though oneDNN treats them as two: with just
  /// as many channels as a block holds, blocked is channels last.
  func hasBytes(of other: Layout) throws -> Bool {
    if self == other { return true }
    guard shape.count == 4, shape == other.shape, shape[1] == Int(odnn_block()) else {
      return false
    }
    let twins = (try Layout(shape, ODNN_BLOCKED), try Layout(shape, ODNN_CHANNELS_LAST))
    return self == twins.0 && other == twins.1 || self == twins.1 && other == twins.0
  }

  static func == (a: Layout, b: Layout) -> Bool { unsafe odnn_layout_equal(a.handle, b.handle) }
  static func != (a: Layout, b: Layout) -> Bool { !(a == b) }
}

/// A tensor in memory: a layout and the buffer (or the range of a flat vector) that holds it.
@safe
final class Memory {
  let handle: OpaquePointer
  let layout: Layout
  /// Nil where the tensor lies in a flat vector that the caller binds.
  let buffer: Buffer?

  init(_ layout: Layout, _ buffer: Buffer?) throws {
    var handle: OpaquePointer?
    try unsafe check(
      odnn_memory_create(&handle, layout.handle, buffer?.pointer), "a memory")
    unsafe self.handle = handle!
    self.layout = layout
    self.buffer = buffer
  }

  @unsafe func bind(_ address: UnsafeMutableRawPointer) {
    _ = unsafe odnn_memory_bind(handle, address)
  }

  deinit { unsafe odnn_memory_destroy(handle) }
}
