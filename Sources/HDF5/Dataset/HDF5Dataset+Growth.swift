import CHDF5
import Files

// Datasets that get longer.
extension HDF5Dataset {
  /// Why rows cannot be added so that those before stay as they are, whatever becomes of the process;
  /// nil where they can.
  ///
  /// A compressed chunk would be written anew, at another place, for each row that is added to it.
  public func obstacleToGrowth() throws -> String? {
    let storage = Storage(of: try handle())
    if storage.chunk == nil { return "has a fixed length" }
    if try limit(ofAxis: 0) != nil { return "has a fixed length" }
    return storage.filters > 0 ? "is compressed" : nil
  }

  /// Whether elements cannot be written in their place.
  public func isCompressed() throws -> Bool { Storage(of: try handle()).filters > 0 }

  /// Grows the first axis to so many rows; where it has them already nothing happens.
  public func extendRows(to rows: Int) throws {
    guard rows > shape[0] else { return }
    try extend(to: [rows] + shape.dropFirst())
  }

  /// How far an axis may grow; nil for without limit.
  private func limit(ofAxis axis: Int) throws -> Int? {
    let space = H5Dget_space(try handle())
    defer { H5Sclose(space) }
    var limits = [hsize_t](repeating: 0, count: 32)
    guard axis < shape.count, unsafe H5Sget_simple_extent_dims(space, nil, &limits) >= 0 else {
      return 0
    }
    return limits[axis] == chdf5_unlimited() ? nil : Int(clamping: limits[axis])
  }
}
