import Objectives
import WeightSpace

/// A rule made of transforms, applied in their order in one pass over memory.
///
///     update ← ∇L;   update ← tₖ(update) for each transform;   w ← w − update
///
/// A chain of the parts of SGD or AdamW has the bits of the fused rule. Memory: the transforms'
/// vectors and a few chunks. Cost: one pass over w, the gradient and the transforms' vectors, and
/// what `begin` and `finish` of each take.
public final class Chain: Optimizer {
  public let transforms: [any Transform]
  public var updateCount = 0

  public init(_ transforms: [any Transform]) { self.transforms = transforms }

  public var vectors: [StateVector] { transforms.flatMap(\.vectors) }

  public var numbers: [StateNumber] {
    get { [StateNumber("update_count", updateCount)] + transforms.flatMap(\.numbers) }
    set {
      updateCount = newValue.count("update_count")
      for transform in transforms { transform.numbers = newValue }
    }
  }

  public func start(at weights: borrowing WeightVector) {
    for transform in transforms { transform.start(at: weights) }
  }

  public func update(
    _ weights: inout WeightVector, gradient: borrowing WeightVector, _ step: Step
  ) {
    updateCount += 1
    for transform in transforms { transform.begin(weights, gradient: gradient, step) }
    pass(over: &weights, gradient: gradient)
    for transform in transforms { transform.finish(&weights, step) }
  }

  public var hasSolution: Bool { transforms.contains { $0.hasSolution } }

  public func writeSolution(
    of weights: borrowing WeightVector, into solution: inout WeightVector
  ) {
    guard let transform = transforms.last(where: { $0.hasSolution }) else {
      return solution.copy(from: weights)
    }
    transform.writeSolution(of: weights, into: &solution)
  }

  // MARK: The pass

  /// The update of a chunk, the weights and a state vector or two stay in a first-level cache.
  private static let length = 4_096

  private func pass(over weights: inout WeightVector, gradient: borrowing WeightVector) {
    let addresses = unsafe transforms.map { transform in
      unsafe transform.vectors.map { vector in
        unsafe vector.values.withUnsafeMutableBufferPointer { unsafe $0 }
      }
    }
    // Sendable: `apply` only reads its transform, and the ranges of two calls are disjoint. The
    // vectors live as long as their transforms.
    nonisolated(unsafe) let states = unsafe addresses
    nonisolated(unsafe) let parts = transforms
    let count = weights.count
    precondition(gradient.count == count, "an element of the gradient for each weight")
    unsafe gradient.withUnsafeBufferPointer { gradient in
      nonisolated(unsafe) let gradient = unsafe gradient
      unsafe weights.withUnsafeMutableBufferPointer { weights in
        nonisolated(unsafe) let weights = unsafe weights
        forEachChunk(count: count, length: Self.length) { range in
          unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: range.count) { scratch in
            _ = unsafe scratch.update(fromContentsOf: gradient.extracting(range))
            var update = unsafe scratch.mutableSpan
            var w = unsafe weights.extracting(range).mutableSpan
            for unsafe(part, vectors) in unsafe zip(parts, states) {
              part.apply(to: &update, &w, unsafe StateRange(range, of: vectors))
            }
            for i in 0..<w.count { w[i] -= update[i] }
          }
        }
      }
    }
  }
}
