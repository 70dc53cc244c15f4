import Files
import Glibc
import WeightSpace

/// Snapshots of a trajectory, one after the other, as a safetensors file for a program that reads it now:
/// weights and running statistics as float32, and what the trajectory carries along, under their names.
///
/// Nothing is synced, and every snapshot is a new file, so that who has mapped the last one keeps it.
/// Cost: one copy of the numbers.
public struct SnapshotFile {
  private let layout: VectorLayout
  private let bufferLayout: VectorLayout?
  private let carried: [CarriedTensor]
  private let head: [UInt8]
  private let places: [TensorPlace]

  public init(of reader: TrajectoryReader) throws {
    layout = reader.layout
    bufferLayout = reader.bufferLayout
    carried = reader.carried
    let slots = layout.slots + (bufferLayout?.slots ?? [])
    let plan = try safetensorsPlan(
      StateDictContents(
        tensors: slots.map {
          StateDictContents.Tensor(name: $0.name, shape: $0.shape, type: .float32)
        }, carried: carried), path: nil, shardSize: nil)
    head = plan.files[0].heads[0].bytes
    places = plan.places
  }

  /// Writes a snapshot, whose statistics count where the trajectory has some.
  ///
  /// - Throws: `FileError`: `cannotCreate`; `inputOutput`, such as on a full disk.
  public func write(
    _ weights: borrowing WeightVector, statistics: borrowing WeightVector, to path: String
  ) throws {
    unsafe unlink(path)
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw FileError(.cannotCreate, file: path, systemClause(errno))
    }
    defer { close(descriptor) }
    try unsafe head.withUnsafeBytes {
      try unsafe BlockingTransfer.write($0, to: descriptor, at: 0, file: path)
    }
    try write(weights, layout, places[...], to: descriptor, path)
    if let bufferLayout {
      try write(
        statistics, bufferLayout, places.dropFirst(layout.slots.count), to: descriptor, path)
    }
    for (tensor, place) in zip(carried, places.suffix(carried.count)) {
      try tensor.forEachPart { bytes, part in
        let address = place.address + part.lowerBound * tensor.type.size
        try unsafe bytes.withUnsafeBytes {
          try unsafe BlockingTransfer.write($0, to: descriptor, at: address, file: path)
        }
      }
    }
  }

  private func write(
    _ vector: borrowing WeightVector, _ layout: VectorLayout, _ places: ArraySlice<TensorPlace>,
    to descriptor: Int32, _ path: String
  ) throws {
    try unsafe vector.withUnsafeBufferPointer { numbers in
      for (slot, place) in zip(layout.slots, places) {
        try unsafe BlockingTransfer.write(
          UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: numbers[slot.range])),
          to: descriptor, at: place.address, file: path)
      }
    }
  }
}
