import CHDF5
import Files
import Glibc

/// Where the elements of some rows of a dataset lie in the file, for reading and writing past the
/// library: several threads can do so at once.
public struct RawRows: Sendable {
  fileprivate let descriptor: Int32
  fileprivate let fileName: String
  fileprivate let path: String
  /// How many rows a chunk holds, and how many elements of a row.
  fileprivate let rowsInChunk: Int
  fileprivate let elementsInChunk: Int
  /// Which rows can be read, ascending: those of a band share their chunks.
  fileprivate let bands: [Int]
  /// The chunks of each band, equally many.
  fileprivate let addresses: [Int]
  /// Elements of a row in one run of a chunk, at most.
  fileprivate let chunkRun: Int
  /// Whether the file stays: a temporary one without a name need not reach the disk.
  fileprivate let hasName: Bool
  /// Elements of a row after which runs start anew: the extent of the cut axis times what follows.
  fileprivate let period: Int

  /// Reads a range of the elements of a row. Safe on any thread.
  public func read(
    row: Int, elements: Range<Int>, into target: UnsafeMutableBufferPointer<Float>
  ) throws {
    let bytes = UnsafeMutableRawBufferPointer(target)
    try forEachRun(row: row, elements: elements) { place, address in
      try unsafe BlockingTransfer.read(
        descriptor, at: address, into: UnsafeMutableRawBufferPointer(rebasing: bytes[place]),
        file: fileName, object: path)
    }
  }

  /// Writes a range of the elements of a row, whose space the file has already. Safe on any thread;
  /// the library must not hold these chunks in a cache.
  public func write(
    row: Int, elements: Range<Int>, from source: UnsafeBufferPointer<Float>
  ) throws {
    let bytes = UnsafeRawBufferPointer(source)
    try forEachRun(row: row, elements: elements) { place, address in
      try unsafe BlockingTransfer.write(
        UnsafeRawBufferPointer(rebasing: bytes[place]), to: descriptor, at: address,
        file: fileName, object: path)
      // The disk begins now, so that the sync at the end has less to wait for.
      if hasName && place.count >= 1 << 16 {
        chdf5_begin_writing(descriptor, address, place.count)
      }
    }
  }

  /// Calls `body` with the bytes of `elements` that lie together in the file, and their address.
  private func forEachRun(
    row: Int, elements: Range<Int>, _ body: (_ place: Range<Int>, _ address: Int) throws -> Void
  ) throws {
    let first = firstChunk(of: row)
    let offset = row % rowsInChunk * elementsInChunk
    let runsPerPeriod = (period + chunkRun - 1) / chunkRun
    var position = elements.lowerBound
    while position < elements.upperBound {
      let within = position % period
      let chunk = position / period * runsPerPeriod + within / chunkRun
      let start = within % chunkRun
      let length = min(chunkRun - start, period - within, elements.upperBound - position)
      let begin = 4 * (position - elements.lowerBound)
      try body(begin..<(begin + 4 * length), addresses[first + chunk] + 4 * (offset + start))
      position += length
    }
  }

  /// Where the chunks of a row begin among the addresses.
  private func firstChunk(of row: Int) -> Int {
    let band = row / rowsInChunk
    var low = 0
    var high = bands.count
    while low < high {
      let middle = (low + high) / 2
      if bands[middle] < band { low = middle + 1 } else { high = middle }
    }
    precondition(low < bands.count && bands[low] == band, "row \(row) was not asked for")
    return low * (addresses.count / bands.count)
  }
}

extension HDF5Dataset {
  /// Where the given rows lie, for a dataset of little-endian float32 without filters whose chunks
  /// hold contiguous parts of rows; nil for any other, which only the library can read.
  ///
  /// - Parameter hasRows: whether the first axis counts rows; otherwise all is one row, number 0.
  public func rawRows(_ rows: [Int], hasRows: Bool) throws -> RawRows? {
    let handle = try handle()
    guard let descriptor = file.descriptor, count > 0, Self.isPlainFloat(handle),
      !isInAnotherFile(handle)
    else { return nil }
    let rowShape = hasRows ? Array(shape.dropFirst()) : shape
    let rowCount = rowShape.reduce(1, *)
    let storage = try storage()
    guard storage.filters == 0 else { return nil }
    guard let chunk = storage.chunk else {
      let address = H5Dget_offset(handle)
      guard address != chdf5_no_address(), address < UInt64(Int.max) else { return nil }
      return RawRows(
        descriptor: descriptor, fileName: file.name, path: path, rowsInChunk: .max,
        elementsInChunk: rowCount, bands: [0], addresses: [Int(address)],
        chunkRun: max(1, rowCount), hasName: Self.hasName(descriptor),
        period: max(1, rowCount))
    }
    return rawChunks(handle, rows, rowShape, chunk, hasRows: hasRows, descriptor)
  }

  private func rawChunks(
    _ handle: hid_t, _ rows: [Int], _ rowShape: [Int], _ chunk: [Int], hasRows: Bool,
    _ descriptor: Int32
  ) -> RawRows? {
    guard chunk.count == shape.count, !chunk.contains(0),
      Extents.product(chunk, times: 4) != nil
    else { return nil }
    let rowsInChunk = hasRows ? chunk[0] : 1
    let cut = Array(chunk.dropFirst(hasRows ? 1 : 0))
    // Leading axes of extent 1 in the chunk, then one that may be cut, then whole ones.
    let axis = cut.indices.first { cut[$0] > 1 } ?? max(0, cut.count - 1)
    for i in cut.indices where i > axis && cut[i] != rowShape[i] { return nil }
    let inner = rowShape.isEmpty ? 1 : rowShape[(axis + 1)...].reduce(1, *)
    let chunkElements = cut.reduce(1, *)
    let extents = rowShape.isEmpty ? [] : Array(rowShape[...axis])
    let counts = extents.indices.map { (extents[$0] + cut[$0] - 1) / cut[$0] }
    let chunksInRow = counts.reduce(1, *)

    var addresses: [Int] = []
    let bands = Set(rows.map { $0 / rowsInChunk }).sorted()
    for band in bands {
      for index in 0..<chunksInRow {
        var coordinates = [hsize_t](repeating: 0, count: shape.count)
        if hasRows { coordinates[0] = hsize_t(band * rowsInChunk) }
        var rest = index
        for i in counts.indices.reversed() {
          coordinates[i + (hasRows ? 1 : 0)] = hsize_t(rest % counts[i] * cut[i])
          rest /= counts[i]
        }
        guard let address = chunkAddress(handle, coordinates) else { return nil }
        addresses.append(address)
      }
    }
    guard !bands.isEmpty else { return nil }
    let run = cut.isEmpty ? 1 : cut[axis] * inner
    return RawRows(
      descriptor: descriptor, fileName: file.name, path: path, rowsInChunk: rowsInChunk,
      elementsInChunk: chunkElements, bands: bands, addresses: addresses, chunkRun: run,
      hasName: Self.hasName(descriptor), period: cut.isEmpty ? 1 : rowShape[axis] * inner)
  }

  private static func hasName(_ descriptor: Int32) -> Bool {
    var status = stat()
    return unsafe fstat(descriptor, &status) == 0 && status.st_nlink > 0
  }

  private func chunkAddress(_ handle: hid_t, _ coordinates: [hsize_t]) -> Int? {
    var mask: UInt32 = 0
    var address: haddr_t = 0
    var size: hsize_t = 0
    let found = file.inLibrary {
      unsafe H5Dget_chunk_info_by_coord(handle, coordinates, &mask, &address, &size)
    }
    guard found >= 0, address != chdf5_no_address() else { return nil }
    return Int(exactly: address)
  }

  /// Whether an external link led to it, so that addresses are those of another file.
  private func isInAnotherFile(_ handle: hid_t) -> Bool {
    let other = H5Iget_file_id(handle)
    defer { H5Fclose(other) }
    return HDF5File.descriptor(of: other) != file.descriptor
  }

  private static func isPlainFloat(_ handle: hid_t) -> Bool {
    let stored = H5Dget_type(handle)
    defer { H5Tclose(stored) }
    return H5Tequal(stored, chdf5_f32le()) > 0
      && Float(1).bitPattern.littleEndian == Float(1).bitPattern
  }
}

extension HDF5File {
  /// The system's descriptor, for reading at addresses; nil where addresses are not positions in
  /// the file (a user block).
  func findDescriptor() -> Int32? {
    let creation = H5Fget_create_plist(handle)
    defer { H5Pclose(creation) }
    var block: hsize_t = 0
    guard unsafe H5Pget_userblock(creation, &block) >= 0, block == 0 else { return nil }
    return Self.descriptor(of: handle)
  }

  static func descriptor(of file: hid_t) -> Int32? {
    var raw: UnsafeMutableRawPointer?
    guard unsafe H5Fget_vfd_handle(file, hid_t(H5P_DEFAULT), &raw) >= 0, let raw = unsafe raw
    else { return nil }
    return unsafe raw.load(as: Int32.self)
  }
}
