/// What a tensor is for. Some operations (decay masks, filter-normalised directions, priors) act
/// on ranges of one role; no layer is named for it.
public enum TensorRole: String, Sendable, Codable {
  /// A convolution kernel [O, I, kH, kW] or a dense matrix [O, I].
  case weight
  /// An additive term of a convolution or dense layer [O].
  case bias
  /// BatchNorm γ [C].
  case scale
  /// BatchNorm β [C].
  case shift
  /// BatchNorm running mean [C]: a statistic, never a parameter.
  case runningMean
  /// BatchNorm running variance [C]: a statistic, never a parameter.
  case runningVariance
  /// Anything else, such as a learned noise variance.
  case other
}

/// One named tensor and the range of the flat vector that holds it, in row-major order.
public struct TensorSlot: Sendable, Equatable {
  public let name: String
  public let shape: [Int]
  public let role: TensorRole
  public let range: Range<Int>
  public var count: Int { range.count }

  /// Names are compared byte by byte: what only looks alike is another tensor.
  public static func == (a: TensorSlot, b: TensorSlot) -> Bool {
    a.name.utf8.elementsEqual(b.name.utf8) && a.shape == b.shape && a.role == b.role
      && a.range == b.range
  }
}

/// Which range of a flat vector is which named tensor.
///
/// Tensors lie one after the other without padding, each in row-major order, so that a filter
/// (output channel) of a convolution is one contiguous range. The order of the slots is the order
/// of the file's tensor group.
public struct VectorLayout: Sendable, Equatable {
  public let slots: [TensorSlot]
  /// The number of elements: P for parameters, B for running statistics.
  public let count: Int
  /// By the bytes of the names.
  private let positions: [[UInt8]: Int]

  /// Lays the tensors out one after the other. Names must be unique, byte by byte.
  public init(_ tensors: [(name: String, shape: [Int], role: TensorRole)]) {
    var slots: [TensorSlot] = []
    var positions: [[UInt8]: Int] = [:]
    var offset = 0
    for tensor in tensors {
      let count = tensor.shape.reduce(1, *)
      let isNew = positions.updateValue(slots.count, forKey: Array(tensor.name.utf8)) == nil
      precondition(isNew, "tensor name \(tensor.name) is used twice")
      slots.append(
        TensorSlot(
          name: tensor.name, shape: tensor.shape, role: tensor.role,
          range: offset..<(offset + count)))
      offset += count
    }
    self.slots = slots
    self.positions = positions
    self.count = offset
  }

  /// The slot of that name, or nil.
  public subscript(name: String) -> TensorSlot? { positions[Array(name.utf8)].map { slots[$0] } }

  public static func == (a: VectorLayout, b: VectorLayout) -> Bool { a.slots == b.slots }
}
