#if FUZZING
    import Foundation

    /// What libFuzzer calls for each input; the environment names the target.
    @_cdecl("LLVMFuzzerTestOneInput")
    public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
        let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
        do throws(BrokenLaw) {
            try chosen.check(input)
        } catch {
            FileHandle.standardError.write(Data("the law is broken: \(error)\n".utf8))
            abort()
        }
        return 0
    }

    private let chosen: FuzzTarget = {
        let name = ProcessInfo.processInfo.environment["FUZZ_TARGET"] ?? ""
        guard let target = FuzzTarget(rawValue: name) else {
            FileHandle.standardError.write(Data("FUZZ_TARGET names no target\n".utf8))
            exit(64)
        }
        return target
    }()
#endif
