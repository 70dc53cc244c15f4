#if canImport(Glibc)
  import Glibc
#endif

/// A 64-byte aligned piece of memory for activations, gradients and packed weights.
@safe
final class Buffer {
  let byteCount: Int
  private let address: UnsafeMutableRawPointer
  /// How many tensors use it now, while a plan is drawn up.
  var users = 0

  init(byteCount: Int) {
    self.byteCount = byteCount
    // Large activations in huge pages spare the processor most of its address translations: a
    // tenth of a VGG-16 training step.
    let hugePage = 2 << 20
    if byteCount >= hugePage {
      let wholePages = (byteCount + hugePage - 1) / hugePage * hugePage
      unsafe address = .allocate(byteCount: wholePages, alignment: hugePage)
      _ = unsafe madvise(address, wholePages, MADV_HUGEPAGE)
    } else {
      unsafe address = .allocate(byteCount: max(byteCount, 64), alignment: 64)
    }
    // oneDNN reads the padded channels of a blocked tensor, which nobody writes.
    unsafe address.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
  }

  deinit { unsafe address.deallocate() }

  @unsafe func clear() {
    unsafe address.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
  }

  @unsafe var pointer: UnsafeMutableRawPointer { unsafe address }

  /// The first `count` Floats.
  @unsafe func floats(_ count: Int) -> UnsafeMutableBufferPointer<Float> {
    precondition(count * 4 <= byteCount)
    return unsafe UnsafeMutableBufferPointer(
      start: address.assumingMemoryBound(to: Float.self), count: count)
  }
}

/// Hands out buffers while a plan is drawn up; one that is given back serves the next tensor that
/// fits, so that a pass needs no more memory than its widest moment.
struct BufferPool {
  private var free: [Buffer] = []

  mutating func take(_ byteCount: Int) -> Buffer {
    var best: Int?
    for (i, buffer) in free.enumerated() where buffer.byteCount >= byteCount {
      if best.map({ buffer.byteCount < free[$0].byteCount }) ?? true { best = i }
    }
    // A small tensor in a large buffer would keep it from the next large tensor.
    if let best, free[best].byteCount <= 4 * max(byteCount, 4096) {
      let buffer = free.remove(at: best)
      buffer.users = 1
      return buffer
    }
    let buffer = Buffer(byteCount: byteCount)
    buffer.users = 1
    return buffer
  }

  mutating func give(_ buffer: Buffer) {
    buffer.users -= 1
    precondition(buffer.users >= 0, "a buffer was given back twice")
    if buffer.users == 0 { free.append(buffer) }
  }
}
