import Files
import Glibc
import Testing

@testable import ToolSupport

/// What a crash says and which status it ends with: each in a process of its own.
@Suite struct CrashTests {
  @Test func ourOwnFault() async throws {
    let result = try await #require(
      processExitsWith: .exitCode(70), observing: [\.standardErrorContent]
    ) {
      Signals.install()
      raise(SIGSEGV)
    }
    let words = String(decoding: result.standardErrorContent, as: UTF8.self)
    #expect(words.contains(": a fault of this program, not of its input (signal 11)"))
  }

  @Test func aFailedPrecondition() async {
    await #expect(processExitsWith: .exitCode(70)) {
      Signals.install()
      // What the optimiser cannot know is out of range.
      print([1, 2, 3][Int(getpid())])
    }
  }

  @Test func aStackThatIsUsedUp() async {
    await #expect(processExitsWith: .exitCode(70)) {
      Signals.install()
      print(depth(Int(getpid())))
    }
  }

  @Test func theFileThatTheLibraryReads() async throws {
    let result = try await #require(
      processExitsWith: .exitCode(65), observing: [\.standardErrorContent]
    ) {
      Signals.install()
      ForeignCall.on(ForeignCall.Name("run.h5")) { _ = raise(SIGSEGV) }
    }
    let words = String(decoding: result.standardErrorContent, as: UTF8.self)
    #expect(words.contains(": run.h5: the HDF5 library crashed on it: most likely a damaged file"))
  }

  @Test func anAbortInTheLibrary() async {
    await #expect(processExitsWith: .exitCode(65)) {
      Signals.install()
      ForeignCall.on(ForeignCall.Name("run.h5")) { abort() }
    }
  }

  /// A mark ends with its call, also where that throws, and the one around it comes back.
  @Test func marksAreNested() async {
    await #expect(processExitsWith: .exitCode(70)) {
      Signals.install()
      struct Failure: Error {}
      let (outer, inner) = (ForeignCall.Name("outer"), ForeignCall.Name("inner"))
      try? ForeignCall.on(outer) {
        try? ForeignCall.on(inner) { throw Failure() }
        guard let name = ForeignCall.fileOnThisThread, strcmp(name, "outer") == 0 else { exit(1) }
        throw Failure()
      }
      guard ForeignCall.fileOnThisThread == nil else { exit(2) }
      abort()
    }
  }

  /// Another thread's crash is not the file's, though this one is in a call on it.
  @Test func anotherThreadsCrash() async {
    await #expect(processExitsWith: .exitCode(70)) {
      Signals.install()
      ForeignCall.on(ForeignCall.Name("run.h5")) {
        var thread = pthread_t()
        pthread_create(
          &thread, nil,
          { _ in
            raise(SIGSEGV)
            return nil
          }, nil)
        sleep(10)
      }
    }
  }

  /// Only the alarm of a short call is waited for; here it comes early.
  @Test func aCallThatDoesNotComeBack() async throws {
    let result = try await #require(
      processExitsWith: .exitCode(65), observing: [\.standardErrorContent]
    ) {
      Signals.install()
      ForeignCall.on(ForeignCall.Name("run.h5"), isShort: true) {
        guard alarm(1) > 15 else { exit(1) }
        sleep(10)
      }
    }
    let words = String(decoding: result.standardErrorContent, as: UTF8.self)
    #expect(words.contains("run.h5: the HDF5 library does not come back from it"))
  }

  @Test func nothingIsWaitedForOutside() async {
    await #expect(processExitsWith: .exitCode(0)) {
      Signals.install()
      ForeignCall.on(ForeignCall.Name("run.h5"), isShort: true) {}
      exit(alarm(0) == 0 ? 0 : 1)
    }
  }
}

/// More frames than a stack has, each with something to keep.
private func depth(_ n: Int) -> Int {
  var kept = [n]
  if n > 0 { kept.append(depth(n &+ 1)) }
  return kept.reduce(0, &+)
}
