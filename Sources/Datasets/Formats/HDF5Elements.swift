import Glibc
import HDF5
import Machine

/// All elements of a dataset, read into fresh memory that nobody clears first, in huge pages where
/// the system has them: page faults would cost more than the copy.
///
/// - Throws: `FileError` of kind `wrongData` where they do not fit into memory.
func elements<Element: HDF5Element>(of source: HDF5Dataset) throws -> [Element] {
  try requireMemory(for: source, source.shape, bytesPerElement: MemoryLayout<Element>.stride)
  let count = source.count
  return try unsafe [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
    let target = unsafe UnsafeMutableBufferPointer(rebasing: buffer[..<count])
    unsafe preferHugePages(UnsafeRawBufferPointer(target))
    try unsafe source.read(start: [], count: [], into: target)
    initialized = count
  }
}

/// Refuses what does not fit into memory: a block of that shape of a dataset's numbers.
func requireMemory(
  for source: HDF5Dataset, _ shape: [Int], bytesPerElement: Int
) throws {
  var need = MemoryNeed("shape \(shape)")
  need.add(shape.reduce(Double(bytesPerElement)) { $0 * Double($1) }, "its numbers")
  do { try need.check() } catch { throw source.problem("\(error)") }
}

/// Advice only: failure changes nothing.
private func preferHugePages(_ memory: UnsafeRawBufferPointer) {
  guard memory.count >= 4 << 20, let start = memory.baseAddress else { return }
  let page = 4096
  let first = (Int(bitPattern: start) + page - 1) / page * page
  let end = (Int(bitPattern: start) + memory.count) / page * page
  _ = unsafe madvise(UnsafeMutableRawPointer(bitPattern: first), end - first, MADV_HUGEPAGE)
}

/// The first element that is infinite or NaN, or nil. Cost: one vectorised pass.
func firstNonFinite(_ elements: Span<Float>) -> Int? {
  let exponent: UInt32 = 0x7F80_0000
  var start = 0
  while start < elements.count {
    let end = min(start + 4096, elements.count)
    var largest: UInt32 = 0
    for i in start..<end { largest = max(largest, elements[i].bitPattern & exponent) }
    if largest == exponent {
      for i in start..<end where !elements[i].isFinite { return i }
    }
    start = end
  }
  return nil
}
