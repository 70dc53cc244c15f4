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
}
