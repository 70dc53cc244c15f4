import Files
import Images
import Synchronization
import WeightSpace

extension PictureReading {
  /// What a picture becomes.
  struct Shape: Equatable {
    let channels, rows, columns: Int
    /// Of the picture as it is.
    let pixels: Int
    /// Of which picture, for messages.
    let name: String

    var array: [Int] { [channels, rows, columns] }
  }

  /// What is known of a picture that was read.
  struct Read: Sendable {
    var moments: [(sum: Int, squares: Int)]
    var warning: String?
  }

  /// The shape that the first picture has which can be read; nil where none can.
  func firstShape(of list: PictureList) throws -> Shape? {
    for entry in list.entries {
      do {
        let picture = try decoded(entry, of: list)
        return try shape(picture, entry, of: list)
      } catch let error as FileError where skipsBad && error.kind != .inputOutput {
        continue
      }
    }
    return nil
  }

  private func decoded(_ entry: PictureList.Entry, of list: PictureList) throws -> Picture {
    let bytes = try list.bytes(of: entry)
    guard !bytes.isEmpty else { throw list.problem("is empty", with: entry) }
    do {
      return try Picture(bytes, channels: grey ? 1 : 3)
    } catch {
      let isUnknown = error.description == "is neither JPEG nor PNG"
      let kind = kindOfContent(Array(bytes.prefix(contentKindLength)))
      throw list.problem(
        error.description + (isUnknown ? kind.map { " (\($0))" } ?? "" : ""), with: entry)
    }
  }

  private func frame(_ picture: Picture, _ entry: PictureList.Entry, of list: PictureList) throws
    -> Frame
  {
    do {
      return try framing.frame(width: picture.width, height: picture.height)
    } catch {
      throw list.problem(error.description, with: entry)
    }
  }

  private func shape(_ picture: Picture, _ entry: PictureList.Entry, of list: PictureList) throws
    -> Shape
  {
    let frame = try frame(picture, entry, of: list)
    return Shape(
      channels: picture.channels, rows: frame.rows, columns: frame.columns,
      pixels: picture.width * picture.height, name: entry.name)
  }

  /// Decodes the pictures of a range, several at the same time, into rows of `target`.
  func decode(
    _ list: PictureList, _ range: Range<Int>, _ first: Shape,
    to target: UnsafeMutableBufferPointer<UInt8>
  ) -> [Result<Read, FileError>] {
    let size = first.array.reduce(1, *)
    let results = Mutex([Result<Read, FileError>?](repeating: nil, count: range.count))
    nonisolated(unsafe) let target = unsafe target
    // Sendable: each call writes one row of its own.
    forEachChunk(count: range.count, length: 1) { chunk in
      let i = chunk.lowerBound
      let entry = list.entries[range.lowerBound + i]
      let row = unsafe UnsafeMutableBufferPointer(
        rebasing: target[(i * size)..<((i + 1) * size)])
      let result: Result<Read, FileError>
      do {
        result = .success(try unsafe self.read(entry, of: list, like: first, to: row))
      } catch let error as FileError {
        result = .failure(error)
      } catch {
        result = .failure(list.problem("\(error)", with: entry))
      }
      results.withLock { $0[i] = result }
    }
    return results.withLock { $0.map { $0! } }
  }

  private func read(
    _ entry: PictureList.Entry, of list: PictureList, like first: Shape,
    to row: UnsafeMutableBufferPointer<UInt8>
  ) throws -> Read {
    let picture = try decoded(entry, of: list)
    let frame = try frame(picture, entry, of: list)
    guard frame.rows == first.rows, frame.columns == first.columns else {
      throw list.problem(
        "\(frame.columns) x \(frame.rows) pixels, but \(first.name) has \(first.columns) x "
          + "\(first.rows); --fit, or --size with --crop, makes all of one size", with: entry)
    }
    return Read(moments: unsafe picture.write(frame, to: row), warning: picture.warning)
  }
}
