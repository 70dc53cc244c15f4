import Datasets

@testable import Randomness

/// Networks and data small enough for a test.
enum Tiny {
  /// Convolution, BatchNorm, dropout and a dense layer on 1×6×6 images.
  static let json = """
    {"name": "tiny", "input": [1, 6, 6], "outputs": 3, "layers": [
      {"name": "c", "type": "convolution", "outputs": 4, "kernel": 3, "padding": 1},
      {"name": "n", "type": "batch-norm"}, {"name": "r", "type": "relu"},
      {"name": "p", "type": "max-pool", "kernel": 2}, {"name": "flat", "type": "flatten"},
      {"name": "d", "type": "dropout", "probability": 0.3},
      {"name": "fc", "type": "dense", "outputs": 3}]}
    """

  /// Images of noise with a bright row that tells the class; 23 of them, so that the last batch
  /// of eight is smaller.
  static func images(count: Int = 23) -> Dataset {
    var stream = RandomStream(seed: 2, stream: 0)
    var pixels: [UInt8] = []
    let classes = (0..<count).map { Int32($0 % 3) }
    for c in classes {
      for k in 0..<36 {
        pixels.append(UInt8(stream.uniform(below: 100)) + (k / 6 == Int(c) * 2 ? 150 : 0))
      }
    }
    var data = Dataset(
      name: "images", inputShape: [1, 6, 6], inputs: .bytes(pixels), targets: .classes(classes),
      classNames: ["top", "middle", "bottom"])
    data.inputMean = [0.3]
    data.inputStd = [0.25]
    return data
  }

  /// Two features, one target in units of its own.
  static func curve(count: Int = 17) -> Dataset {
    var stream = RandomStream(seed: 4, stream: 0)
    let x = (0..<(2 * count)).map { _ in stream.normal() }
    let y: [Float] = (0..<count).map { n in
      let (a, b) = (x[2 * n], x[2 * n + 1])
      return 100 + 20 * (a - b * b)
    }
    var data = Dataset(
      name: "curve", inputShape: [2], inputs: .floats(x), targets: .values(y, width: 1))
    data.inputMean = [0.1, -0.2]
    data.inputStd = [1.5, 0.5]
    data.targetMean = [95]
    data.targetStd = [25]
    return data
  }
}
