import ArgumentParser
import Files

/// `--checksum`.
public struct ChecksumOptions: ParsableArguments {
  @Flag(
    help: "Store SHA-256 of each dataset's numbers, which weights-check compares (HDF5 only).")
  public var checksum = false

  public init() {}

  /// The same target, with checksums if they are asked for.
  public func applied(to target: OutputTarget) -> OutputTarget {
    OutputTarget(target.path, checksums: checksum)
  }

  /// Throws `ValidationError` where the result is a state dict of another format.
  public func check(isHDF5: Bool) throws {
    if checksum && !isHDF5 {
      throw ValidationError(
        "--checksum is for HDF5 results; safetensors and npz have no place for it")
    }
  }
}
