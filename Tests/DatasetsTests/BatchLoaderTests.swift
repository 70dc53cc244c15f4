import TestSupport
import Testing

@testable import Datasets

@Suite struct BatchLoaderTests {
  /// Images whose bytes all differ, of an awkward size.
  static func images(_ count: Int, shape: [Int] = [3, 5, 7]) -> Dataset {
    let size = shape.reduce(1, *)
    var dataset = Dataset(
      name: "images", inputShape: shape,
      inputs: .bytes((0..<count * size).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ $0 / 256) }),
      targets: .classes((0..<count).map { Int32($0 % 4) }))
    dataset.inputMean = (0..<shape[0]).map { 0.4 + 0.1 * Float($0) }
    dataset.inputStd = (0..<shape[0]).map { 0.2 + 0.05 * Float($0) }
    return dataset
  }

  /// One example as the definition reads: pad, cut, mirror, scale, normalise, pixel by pixel.
  static func naive(_ dataset: Dataset, _ index: Int, _ placement: Augmentation.Placement)
    -> [Float]
  {
    let (channels, height, width) =
      (dataset.inputShape[0], dataset.inputShape[1], dataset.inputShape[2])
    var result: [Float] = []
    for c in 0..<channels {
      for y in 0..<height {
        for x in 0..<width {
          let sourceX = (placement.flipped ? width - 1 - x : x) + placement.dx
          let sourceY = y + placement.dy
          var value = 0.0
          if (0..<width).contains(sourceX) && (0..<height).contains(sourceY) {
            let offset = ((index * channels + c) * height + sourceY) * width + sourceX
            switch dataset.inputs {
            case .bytes(let bytes): value = Double(bytes[offset]) / 255
            case .floats(let floats): value = Double(floats[offset])
            }
          }
          let mean = dataset.inputMean.isEmpty ? 0 : Double(dataset.inputMean[c])
          let std = dataset.inputStd.isEmpty ? 1 : Double(dataset.inputStd[c])
          result.append(Float((value - mean) / std))
        }
      }
    }
    return result
  }

  static func isClose(_ a: [Float], _ b: [Float]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= 4 * max(1, abs($1)) * 0x1p-23 }
  }

  @Test(arguments: [0, 1, 4, 9], [false, true])
  func agreesWithTheDefinition(padding: Int, flip: Bool) throws {
    let bytes = Self.images(23)
    guard case .bytes(let elements) = bytes.inputs else { throw Unexpected(bytes.inputs) }
    var floats = Dataset(
      name: "floats", inputShape: bytes.inputShape,
      inputs: .floats(elements.map { Float($0) / 255 }), targets: bytes.targets)
    floats.inputMean = bytes.inputMean
    floats.inputStd = bytes.inputStd
    let augmentation = Augmentation(flip: flip, crop: padding == 0 ? nil : padding)
    var seen: Set<String> = []
    for dataset in [bytes, floats] {
      var loader = BatchLoader(
        dataset, batchSize: 8, augmentation: augmentation, seed: 5, shuffle: true)
      let order = BatchLoader.permutation(count: 23, seed: 5, epoch: 3)
      var batch = Batch()
      for k in 0..<loader.batchCount {
        loader.load(batch: k, epoch: 3, into: &batch)
        for position in 0..<batch.count {
          let index = Int(order[k * 8 + position])
          let placement = augmentation.draw(seed: 5, epoch: 3, index: index)
          seen.insert("\(placement)")
          let row = Array(batch.inputs[position * 105..<(position + 1) * 105])
          #expect(Self.isClose(row, Self.naive(dataset, index, placement)))
          #expect(batch.classes[position] == Int32(index % 4))
        }
      }
    }
    #expect(augmentation.isNone ? seen.count == 1 : seen.count > 1)
  }

  @Test func keepsTheLastPartialBatchAndTheOrderWithoutShuffling() {
    var loader = BatchLoader(Self.images(10), batchSize: 4)
    var batch = Batch()
    #expect(loader.batchCount == 3)
    var classes: [Int32] = []
    for k in [0, 1, 2] {
      loader.load(batch: k, into: &batch)
      #expect(batch.count == loader.count(ofBatch: k))
      #expect(batch.inputs.count == batch.count * 105)
      classes += batch.classes
    }
    #expect(classes == (0..<10).map { Int32($0 % 4) })
    #expect(batch.count == 2)
    loader.load(batch: 0, into: &batch)
    #expect(batch.count == 4 && batch.inputs.count == 4 * 105)
  }

  @Test func batchesAreAFunctionOfSeedEpochAndNumber() {
    let dataset = Self.images(50)
    let augmentation = Augmentation(flip: true, crop: 2)
    func batch(_ k: Int, _ epoch: Int, seed: UInt64, after visits: [(Int, Int)] = []) -> Batch {
      var loader = BatchLoader(
        dataset, batchSize: 16, augmentation: augmentation, seed: seed, shuffle: true)
      var batch = Batch()
      for (k, epoch) in visits + [(k, epoch)] { loader.load(batch: k, epoch: epoch, into: &batch) }
      return batch
    }
    let first = batch(2, 7, seed: 1)
    #expect(first.inputs == batch(2, 7, seed: 1, after: [(0, 0), (3, 9), (1, 7)]).inputs)
    #expect(first.inputs != batch(2, 8, seed: 1).inputs)
    #expect(first.inputs != batch(2, 7, seed: 2).inputs)
  }

  @Test func everyEpochVisitsEveryExampleOnce() {
    for count in [1, 2, 3, 257] {
      let orders = (0..<3).map { BatchLoader.permutation(count: count, seed: 0, epoch: $0) }
      for order in orders { #expect(order.sorted() == (0..<count).map { Int32($0) }) }
      if count > 100 { #expect(orders[0] != orders[1] && orders[1] != orders[2]) }
    }
  }

  /// Shares of flips and shifts within five standard errors of one half and 1/81.
  @Test func placementsAreUniform() {
    let augmentation = Augmentation(flip: true, crop: 4)
    var flips = 0.0
    var counts: [String: Int] = [:]
    let n = 40_000
    for index in 0..<n {
      let placement = augmentation.draw(seed: 3, epoch: 1, index: index)
      flips += placement.flipped ? 1 : 0
      counts["\(placement.dx),\(placement.dy)", default: 0] += 1
      #expect(abs(placement.dx) <= 4 && abs(placement.dy) <= 4)
    }
    #expect(abs(flips / Double(n) - 0.5) < 5 * 0.5 / Double(n).squareRoot())
    #expect(counts.count == 81)
    let expected = Double(n) / 81
    for count in counts.values {
      #expect(abs(Double(count) - expected) < 5 * expected.squareRoot())
    }
  }

  @Test func featuresAndTargetsAreNormalised() {
    var dataset = Dataset(
      name: "table", inputShape: [2], inputs: .floats([1, 10, 3, 30]),
      targets: .values([5, 50, 7, 70], width: 2))
    dataset.computeConstants()
    #expect(dataset.inputMean == [2, 20] && dataset.inputStd == [1, 10])
    #expect(dataset.targetMean == [6, 60] && dataset.targetStd == [1, 10])
    var loader = BatchLoader(dataset, batchSize: 2)
    var batch = Batch()
    loader.load(batch: 0, into: &batch)
    #expect(batch.inputs == [-1, -1, 1, 1])
    #expect(batch.values == [-1, -1, 1, 1])
    #expect(batch.classes.isEmpty)
  }

  @Test func withoutConstantsNothingChanges() {
    let values: [Float] = [0.1, -3, 1e-30, 7e20]
    let dataset = Dataset(
      name: "raw", inputShape: [1, 2, 2], inputs: .floats(values), targets: .classes([0]))
    var loader = BatchLoader(dataset, batchSize: 4)
    var batch = Batch()
    loader.load(batch: 0, into: &batch)
    #expect(batch.inputs == values)
  }

  @Test func augmentationsAreRead() throws {
    #expect(try Augmentation.parse("crop,flip") == Augmentation(flip: true, crop: 4))
    #expect(try Augmentation.parse("flip") == Augmentation(flip: true))
    #expect(try Augmentation.parse("crop:2") == Augmentation(crop: 2))
    #expect(try Augmentation.parse("none") == .none)
    for bad in ["", "crop,", "mirror", "crop:0", "crop:x", "flip:2"] {
      #expect(throws: AugmentationError.self) { try Augmentation.parse(bad) }
    }
  }
}
