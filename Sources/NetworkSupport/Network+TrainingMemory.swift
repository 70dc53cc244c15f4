import Files
import Glibc
import NeuralNetworks
import ToolSupport

extension Network {
  /// Throws `NetworkError` where so many vectors of P weights exceed the machine's memory, which
  /// allocating them would not survive.
  public func checkMemory(vectors: Int, for work: String) throws {
    let memory = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
    let needed = Double(parameterCount) * 4 * Double(vectors)
    guard memory <= 0 || needed < Double(memory) else {
      throw NetworkError(
        "\(architecture.name) has \(parameterCount) weights; \(work) takes"
          + " \((needed / 0x1p30).significant(3)) GiB, but the machine has \(memory >> 30)")
    }
  }
}
