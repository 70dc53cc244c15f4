/// Turns stored examples into network inputs: y = (x − mean) / std per channel or feature, with a
/// shift and a mirror for images.
/// The constants of y = x · scale + offset are made in Double and rounded once.
struct Normalizer: Sendable {
  private let isImages: Bool
  private let channels: Int
  private let height: Int
  private let width: Int
  /// y = x · scale + offset, per channel or feature.
  private let lines: [LinearMap]
  private let targetMean: [Float]
  private let targetStd: [Float]

  init(_ dataset: Dataset) {
    isImages = dataset.isImages
    channels = dataset.channelCount
    height = isImages ? dataset.inputShape[1] : 1
    width = isImages ? dataset.inputShape[2] : 1
    let areBytes = if case .bytes = dataset.inputs { true } else { false }
    lines = (0..<channels).map { channel in
      let mean = Self.constant(dataset.inputMean, channel, or: 0)
      let std = Self.constant(dataset.inputStd, channel, or: 1)
      return LinearMap(scale: Float(1 / (std * (areBytes ? 255 : 1))), offset: Float(-mean / std))
    }
    targetMean = dataset.targetMean
    targetStd = dataset.targetStd
  }

  /// One constant for all, or one each, or none.
  private static func constant(_ values: [Float], _ index: Int, or absent: Double) -> Double {
    values.isEmpty ? absent : Double(values[values.count == 1 ? 0 : index])
  }

  /// A regression target in the network's units, (y − mean) / std.
  func target(_ value: Float, output: Int) -> Float {
    targetMean.isEmpty ? value : (value - targetMean[output]) / targetStd[output]
  }

  /// Writes example `example` as row `row` of `output` [rows, features].
  func write(
    example: Int, of inputs: Dataset.Inputs, placement: Augmentation.Placement,
    to output: inout MutableSpan<Float>, row: Int
  ) {
    switch inputs {
    case .bytes(let source):
      write(source.span, example: example, placement: placement, to: &output, row: row)
    case .floats(let source):
      write(source.span, example: example, placement: placement, to: &output, row: row)
    }
  }

  private func write<Element: StoredElement>(
    _ source: Span<Element>, example: Int, placement: Augmentation.Placement,
    to output: inout MutableSpan<Float>, row: Int
  ) {
    if isImages {
      let writer = PlaneWriter(height: height, width: width, placement: placement)
      for channel in 0..<channels {
        writer.write(
          source, plane: example * channels + channel, through: lines[channel],
          to: &output, plane: row * channels + channel)
      }
    } else {
      for j in 0..<channels {
        output[row * channels + j] = lines[j](source[example * channels + j])
      }
    }
  }
}

/// y = x · scale + offset, of a stored element.
struct LinearMap: Sendable {
  let scale: Float
  let offset: Float

  /// A pixel outside the image is stored as 0.
  var padding: Float { offset }

  func callAsFunction(_ element: some StoredElement) -> Float { element.float * scale + offset }
}

/// The types of stored inputs.
protocol StoredElement: BitwiseCopyable {
  var float: Float { get }
}

extension UInt8: StoredElement {
  var float: Float { Float(self) }
}

extension Float: StoredElement {
  var float: Float { self }
}
