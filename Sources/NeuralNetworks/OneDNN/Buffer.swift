import Glibc
import Synchronization

/// A 64-byte aligned piece of memory for activations, gradients and packed weights, all 0 at first.
///
/// A large one comes from the system as it is and takes room only where it is used: drawing up a plan
/// costs no memory.
@safe
final class Buffer {
  let byteCount: Int
  private let address: UnsafeMutableRawPointer
  /// What was asked of the system for it; nil where it comes from the allocator.
  private let mapping: UnsafeMutableRawBufferPointer?
  /// How many tensors use it now, while a plan is drawn up.
  var users = 0

  /// The bytes of all buffers there are.
  static var bytesInUse: Int { counter.load(ordering: .relaxed) }
  private static let counter = Atomic<Int>(0)
  private static let hugePage = 2 << 20
  /// From here on the system is asked.
  private static let large = 128 << 10

  init(byteCount: Int) {
    self.byteCount = byteCount
    // Large activations in huge pages spare the processor most of its address translations: a
    // tenth of a VGG-16 training step.
    let isHuge = byteCount >= Self.hugePage
    let page = isHuge ? Self.hugePage : 4096
    let wholePages = (byteCount + page - 1) / page * page
    Self.counter.add(byteCount, ordering: .relaxed)
    if byteCount >= Self.large, let mapping = unsafe Self.map(wholePages + (isHuge ? page : 0)) {
      unsafe self.mapping = unsafe mapping
      let start = unsafe Int(bitPattern: mapping.baseAddress!)
      unsafe address = mapping.baseAddress! + ((start + page - 1) / page * page - start)
      if isHuge { _ = unsafe madvise(address, wholePages, MADV_HUGEPAGE) }
      return
    }
    unsafe mapping = nil
    unsafe address = .allocate(byteCount: max(byteCount, 64), alignment: 64)
    // oneDNN reads the padded channels of a blocked tensor, which nobody writes.
    unsafe address.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
  }

  /// Pages of zeros, which take room when they are written to; nil where the system has none to give.
  private static func map(_ byteCount: Int) -> UnsafeMutableRawBufferPointer? {
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    let address = unsafe mmap(nil, byteCount, PROT_READ | PROT_WRITE, flags, -1, 0)
    guard unsafe address != MAP_FAILED else { return nil }
    return unsafe UnsafeMutableRawBufferPointer(start: address, count: byteCount)
  }

  deinit {
    Self.counter.subtract(byteCount, ordering: .relaxed)
    if let mapping = unsafe mapping {
      unsafe munmap(mapping.baseAddress!, mapping.count)
    } else {
      unsafe address.deallocate()
    }
  }

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
