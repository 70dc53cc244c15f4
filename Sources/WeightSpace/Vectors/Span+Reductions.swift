import CKernels

// The kernels of CKernels on spans: each adds up in Double, in an order that depends on the length
// alone.
extension Span where Element == Float {
  /// Σ aᵢ; 0 for an empty span.
  public var sum: Double {
    unsafe withUnsafeBufferPointer { a in
      a.isEmpty ? 0 : unsafe ck_sum(a.baseAddress!, a.count)
    }
  }

  /// ⟨a, x⟩ = Σ aᵢ xᵢ; 0 for empty spans. Both have the same length.
  public func dot(_ x: Span<Float>) -> Double {
    precondition(x.count == count, "spans of \(count) and \(x.count) elements")
    return unsafe withUnsafeBufferPointer { a in
      unsafe x.withUnsafeBufferPointer { x in
        a.isEmpty ? 0 : unsafe ck_dot(a.baseAddress!, x.baseAddress!, a.count)
      }
    }
  }

  /// ‖a − x‖² = Σ (aᵢ − xᵢ)²; 0 for empty spans. Both have the same length.
  public func squaredDistance(to x: Span<Float>) -> Double {
    precondition(x.count == count, "spans of \(count) and \(x.count) elements")
    return unsafe withUnsafeBufferPointer { a in
      unsafe x.withUnsafeBufferPointer { x in
        a.isEmpty ? 0 : unsafe ck_squared_distance(a.baseAddress!, x.baseAddress!, a.count)
      }
    }
  }

  /// Whether no element is infinite or NaN. True for an empty span.
  public var isFinite: Bool {
    unsafe withUnsafeBufferPointer { a in
      a.isEmpty ? true : unsafe ck_all_finite(a.baseAddress!, a.count) == 1
    }
  }
}
