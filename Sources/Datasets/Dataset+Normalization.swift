import Files

extension Dataset {
  /// Computes the constants of `(x − mean) / std` from the examples: per channel of images over
  /// all pixels, otherwise per feature; for regression also those of the targets.
  ///
  /// std is the root of the mean squared deviation, and 1 where all values are equal. Sums are in
  /// Double (bytes: exact). Cost: O(N · features).
  public mutating func computeConstants() {
    let plane = isImages ? inputShape[1] * inputShape[2] : 1
    let moments: [Moments]
    switch inputs {
    case .bytes(let bytes):
      moments = Self.moments(of: bytes.span, channels: channelCount, plane: plane)
    case .floats(let floats):
      moments = Self.moments(of: floats.span, channels: channelCount, plane: plane)
    }
    inputMean = moments.map { Float($0.mean) }
    inputStd = moments.map { Float($0.std) }
    if case .values(let values, let width) = targets {
      let moments = Self.moments(of: values.span, channels: width, plane: 1)
      targetMean = moments.map { Float($0.mean) }
      targetStd = moments.map { Float($0.std) }
    }
  }

  /// Takes the constants of another data set, so that both are normalised alike. Floats are taken to
  /// be on the scale of the constants: 0–1 where those come from bytes. Without targets it also takes
  /// the classes' names.
  ///
  /// - Throws: `FileError` naming the other where its shapes do not fit.
  public mutating func takeConstants(from other: Dataset) throws {
    guard other.channelCount == channelCount, other.isImages == isImages else {
      throw FileError(
        .wrongData, file: other.name,
        "examples of shape \(other.inputShape), but those of \(name) are \(inputShape)")
    }
    let bothAreLabelled = isLabelled && other.isLabelled
    guard
      !bothAreLabelled
        || other.isClassification == isClassification
          && (isClassification || other.outputCount == outputCount)
    else {
      throw FileError(.wrongData, file: other.name, "targets of another kind than \(name)")
    }
    inputMean = other.inputMean
    inputStd = other.inputStd
    targetMean = other.targetMean
    targetStd = other.targetStd
    if !isLabelled, classNames.isEmpty { classNames = other.classNames }
  }

  struct Moments {
    var mean: Double
    /// Never 0.
    var std: Double
  }

  /// Bytes, on the 0–1 scale: from the counts of the 256 values of each channel.
  private static func moments(
    of bytes: Span<UInt8>, channels: Int, plane: Int
  ) -> [Moments] {
    var sums = [Int](repeating: 0, count: channels)
    var squares = [Int](repeating: 0, count: channels)
    let planes = bytes.count / plane
    for index in 0..<planes {
      var sum = 0
      var square = 0
      for i in index * plane..<(index + 1) * plane {
        let value = Int(bytes[i])
        sum &+= value
        square &+= value &* value
      }
      sums[index % channels] += sum
      squares[index % channels] += square
    }
    let count = planes / channels * plane
    return zip(sums, squares).map { byteMoments(sum: $0, squares: $1, count: count) }
  }

  /// Moments on the 0–1 scale from a sum and a sum of squares of bytes, both exact.
  static func byteMoments(sum: Int, squares: Int, count: Int) -> Moments {
    // N Σx² − (Σx)² in Double is exact to 2⁻⁵³ of Σx², a fraction of a byte's own resolution.
    let count = Double(max(count, 1))
    let mean = Double(sum) / count
    let variance = max(0, Double(squares) / count - mean * mean)
    return Moments(mean: mean / 255, std: nonzero(variance.squareRoot() / 255))
  }

  /// Floats: two passes.
  private static func moments(
    of floats: Span<Float>, channels: Int, plane: Int
  ) -> [Moments] {
    let planes = floats.count / plane
    let count = Double(max(planes / channels * plane, 1))
    var means = [Double](repeating: 0, count: channels)
    for index in 0..<planes {
      for i in index * plane..<(index + 1) * plane { means[index % channels] += Double(floats[i]) }
    }
    for j in 0..<channels { means[j] /= count }
    var squares = [Double](repeating: 0, count: channels)
    for index in 0..<planes {
      let mean = means[index % channels]
      for i in index * plane..<(index + 1) * plane {
        let deviation = Double(floats[i]) - mean
        squares[index % channels] += deviation * deviation
      }
    }
    return zip(means, squares).map {
      Moments(mean: $0, std: nonzero(($1 / count).squareRoot()))
    }
  }

  private static func nonzero(_ std: Double) -> Double { std > 0 && std.isFinite ? std : 1 }
}
