import Files
import HDF5

extension NumberType {
  /// The type of a dataset of floating-point numbers; nil for any other.
  init?(_ type: ElementType?) {
    switch type {
    case .float16: self = .float16
    case .bfloat16: self = .bfloat16
    case .float32: self = .float32
    case .float64: self = .float64
    default: return nil
    }
  }

  /// The type of bytes that are carried along; nil for what has no name here.
  init?(_ bytes: ByteType) {
    switch bytes {
    case .truth: self = .bool
    case .opaque(let size, let tag):
      guard let type = NumberType(rawValue: tag), type.isOpaque, type.size == size else {
        return nil
      }
      self = type
    case .numbers(let type):
      guard let found = Self.allCases.first(where: { $0.byteType == .numbers(type) }) else {
        return nil
      }
      self = found
    }
  }

  /// How it is stored where it is carried along.
  var byteType: ByteType {
    switch self {
    case .bool: .truth
    case .uint8: .numbers(.uint8)
    case .int8: .numbers(.int8)
    case .uint16: .numbers(.uint16)
    case .int16: .numbers(.int16)
    case .uint32: .numbers(.uint32)
    case .int32: .numbers(.int32)
    case .uint64: .numbers(.uint64)
    case .int64: .numbers(.int64)
    case .float16: .numbers(.float16)
    case .bfloat16: .numbers(.bfloat16)
    case .float32: .numbers(.float32)
    case .float64: .numbers(.float64)
    case .float8e4m3, .float8e5m2, .float8e8m0, .complex64:
      .opaque(size: size, tag: rawValue)
    }
  }
}
