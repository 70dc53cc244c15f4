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

  /// The update, the weights and a state vector or two of so many elements stay in a first-level
  /// cache, whatever the number of transforms.
  private static let length = 1_024

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
        forEachChunk(count: count) { chunk in
          unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: Self.length) { scratch in
            for start in stride(from: chunk.lowerBound, to: chunk.upperBound, by: Self.length) {
              let range = start..<min(start + Self.length, chunk.upperBound)
              let part = scratch.extracting(0..<range.count)
              _ = unsafe part.update(fromContentsOf: gradient.extracting(range))
              var update = unsafe part.mutableSpan
              var w = unsafe weights.extracting(range).mutableSpan
              for k in unsafe states.indices {
                unsafe parts[k].apply(to: &update, &w, StateRange(range, of: states[k]))
              }
              w.subtract(update.span)
            }
          }
        }
      }
    }
  }
}
