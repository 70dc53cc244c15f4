/// L consecutive batches of another source as one: the examples of a step that takes L gradients.
///
/// An epoch is a pass over the data: ⌈steps/L⌉ groups, the last one smaller where L does not divide
/// the steps.
public struct BatchGroups<Base: BatchSource>: BatchSource {
  private var base: Base
  /// L.
  public let length: Int

  /// - Precondition: `length` is at least 1.
  public init(_ base: Base, of length: Int) {
    precondition(length >= 1, "a group has at least one batch")
    self.base = base
    self.length = length
  }

  public var examples: Int { base.examples }
  public var stepsPerEpoch: Int { (base.stepsPerEpoch + length - 1) / length }
  public func emptyBatch() -> [Base.Batch] { [] }

  public mutating func load(step: Int, epoch: Int, into batch: inout [Base.Batch]) {
    let first = step * length
    let count = min(length, base.stepsPerEpoch - first)
    while batch.count > count { batch.removeLast() }
    while batch.count < count { batch.append(base.emptyBatch()) }
    for k in 0..<count { base.load(step: first + k, epoch: epoch, into: &batch[k]) }
  }
}
