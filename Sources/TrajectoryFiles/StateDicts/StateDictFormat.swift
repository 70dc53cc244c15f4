import Files

/// A format of other programs for one snapshot.
public enum StateDictFormat: Sendable, Equatable {
  /// Safetensors; cut into files of at most so many bytes of numbers, with an index, where that is
  /// given and one file would hold more.
  case safetensors(shardSize: Int?)
  /// NumPy's archive of arrays, not compressed.
  case npz

  /// What a file of that name is to be; nil where it is a weight file of the suite.
  public init?(path: String?, shardSize: Int? = nil) {
    if path?.hasSuffix(".safetensors") == true {
      self = .safetensors(shardSize: shardSize)
    } else if path?.hasSuffix(".npz") == true {
      self = .npz
    } else {
      return nil
    }
  }

  /// The type that a tensor of that type is written as: the same where the format has it.
  public func storable(_ type: NumberType) -> NumberType {
    self == .npz && type == .bfloat16 ? .float32 : type
  }
}

/// What a state dict has in it: tensors of floating point, those that are only copied, and texts.
public struct StateDictContents: Sendable {
  /// A tensor to be filled.
  public struct Tensor: Sendable {
    public let name: String
    public let shape: [Int]
    public let type: NumberType

    public init(name: String, shape: [Int], type: NumberType) {
      self.name = name
      self.shape = shape
      self.type = type
    }
  }

  /// Weights, and after them running statistics.
  public var tensors: [Tensor]
  /// Copied as they are.
  public var carried: [CarriedTensor] = []
  /// JSON; nil where it is unknown.
  public var architecture: String?
  /// Newest first; nil to leave it out.
  public var history: [String]?

  public init(
    tensors: [Tensor], carried: [CarriedTensor] = [], architecture: String? = nil,
    history: [String]? = nil
  ) {
    self.tensors = tensors
    self.carried = carried
    self.architecture = architecture
    self.history = history
  }
}
