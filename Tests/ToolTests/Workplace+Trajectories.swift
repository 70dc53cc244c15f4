import Foundation
import HDF5

extension Workplace {
  /// Writes a trajectory of some tensors as another program would, by the file library alone;
  /// element i of the flat vector of snapshot t is `value(t, i)`.
  func trajectory(
    _ name: String, snapshots: Int, tensors: [(name: String, shape: [Int])],
    committed: Int? = nil, value: (Int, Int) -> Float
  ) throws {
    let file = try HDF5File.create(self.file(name))
    try file.setAttribute("format", "weightspace")
    try file.setAttribute("kind", "trajectory")
    try file.setAttribute("history", ["made by a test"])
    try file.createGroup("weights")
    var offset = 0
    for (tensor, shape) in tensors {
      let count = shape.reduce(1, *)
      let values = (0..<snapshots).flatMap { t in (0..<count).map { value(t, offset + $0) } }
      try file.createDataset(
        "weights/\(tensor)", type: .float32, shape: [snapshots] + shape
      ).write(values)
      offset += count
    }
    if let committed {
      try file.createDataset("committed", type: .int64, shape: []).write([Int64(committed)])
    }
    try file.close()
  }

  /// Whether two files have the same bytes. (A failed `==` of their contents would have the test
  /// runner look for the difference for minutes.)
  func haveSameBytes(_ a: String, _ b: String) -> Bool { bytes(a) == bytes(b) }

  /// All elements of a dataset.
  func numbers(_ name: String, _ path: String) throws -> [Double] {
    try HDF5File.open(file(name)).dataset(path).read(Double.self)
  }
}
