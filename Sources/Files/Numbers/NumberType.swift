/// How the numbers of a tensor lie in a safetensors file, a NumPy array or a storage of PyTorch;
/// little-endian all.
///
/// The raw value is the type's name in safetensors.
public enum NumberType: String, Sendable, CaseIterable {
  case bool = "BOOL"
  case uint8 = "U8"
  case int8 = "I8"
  case uint16 = "U16"
  case int16 = "I16"
  case uint32 = "U32"
  case int32 = "I32"
  case uint64 = "U64"
  case int64 = "I64"
  case float16 = "F16"
  case bfloat16 = "BF16"
  case float32 = "F32"
  case float64 = "F64"
  // Only carried along, byte by byte: their numbers are not read.
  case float8e4m3 = "F8_E4M3"
  case float8e5m2 = "F8_E5M2"
  case float8e8m0 = "F8_E8M0"
  case complex64 = "C64"

  /// Bytes of one number.
  public var size: Int {
    switch self {
    case .bool, .uint8, .int8, .float8e4m3, .float8e5m2, .float8e8m0: 1
    case .uint16, .int16, .float16, .bfloat16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64, .complex64: 8
    }
  }

  /// What an array of that shape takes; nil where an extent is negative, or it is more than an Int can
  /// say.
  public func byteCount(shape: [Int]) -> Int? {
    Extents.product(shape, times: size)
  }

  /// Whether a tensor of this type counts as weights.
  public var isFloatingPoint: Bool {
    switch self {
    case .float16, .bfloat16, .float32, .float64: true
    default: false
    }
  }

  /// Whether its numbers cannot be read, and tensors of it are only carried along.
  public var isOpaque: Bool {
    switch self {
    case .float8e4m3, .float8e5m2, .float8e8m0, .complex64: true
    default: false
    }
  }

  /// The name in a NumPy array's header, such as "<f4"; nil for what NumPy does not have, such as
  /// bfloat16, and for what is only carried along.
  public var descriptor: String? {
    switch self {
    case .bool: "|b1"
    case .uint8: "|u1"
    case .int8: "|i1"
    case .uint16: "<u2"
    case .int16: "<i2"
    case .uint32: "<u4"
    case .int32: "<i4"
    case .uint64: "<u8"
    case .int64: "<i8"
    case .float16: "<f2"
    case .bfloat16, .float8e4m3, .float8e5m2, .float8e8m0, .complex64: nil
    case .float32: "<f4"
    case .float64: "<f8"
    }
  }

  public init?(descriptor: String) {
    guard let type = Self.allCases.first(where: { $0.descriptor == descriptor }) else { return nil }
    self = type
  }
}
