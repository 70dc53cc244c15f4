import Foundation
import Testing

@testable import HDF5

@Suite struct BlocksTests {
  /// All numbers in their order, none twice, in blocks that end within a row.
  @Test(arguments: [[3, 700_000], [2, 3, 400_000], [1_500_000], [5], [0, 4], []])
  func everyNumberOnce(_ shape: [Int]) throws {
    let path = FileManager.default.temporaryDirectory.path + "/blocks-\(UUID().uuidString).h5"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let file = try HDF5File.create(path)
    defer { try? file.close() }
    let count = shape.reduce(1, *)
    let dataset = try file.createDataset("x", type: .int32, shape: shape)
    try dataset.write((0..<Int32(count)).map { $0 })
    var next: Int32 = 0
    var isInOrder = true
    try dataset.forEachBlock { (values: [Int32]) in
      #expect(values.count <= 1 << 20)
      for value in values {
        isInOrder = isInOrder && value == next
        next += 1
      }
    }
    #expect(isInOrder && next == count)
  }
}
