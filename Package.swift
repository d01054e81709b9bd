// swift-tools-version: 6.2
import PackageDescription

/// Every target: Swift 6 language mode, warnings are errors.
let checked: [SwiftSetting] = [
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// Every target that imports no C module.
let pure = checked + [.strictMemorySafety()]

/// What is there only with the trait `Postgres`.
let withPostgres = TargetDependencyCondition.when(traits: ["Postgres"])

/// The C libraries, from the distribution's own packages. Each has one importer.
let libraries: [Target] = [
    .systemLibrary(
        name: "CSQLite", path: "Sources/CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(
        name: "CMicrohttpd", path: "Sources/CMicrohttpd", pkgConfig: "libmicrohttpd",
        providers: [.apt(["libmicrohttpd-dev"])]),
    .systemLibrary(
        name: "CCurl", path: "Sources/CCurl", pkgConfig: "libcurl",
        providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(
        name: "CSodium", path: "Sources/CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]
    ),
    // Only with the trait `Postgres`.
    .systemLibrary(
        name: "CPostgres", path: "Sources/CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(
        name: "CZstd", path: "Sources/CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
]

/// Arrows point down only: a target may import what is listed above it.
let parts: [Target] = [
    .target(name: "Cryptography", dependencies: ["CSodium"], swiftSettings: checked),
    .target(
        name: "SyncProtocol", dependencies: ["Cryptography"], path: "SyncProtocol",
        exclude: ["PROTOCOL.md", "Vectors", "Dictionary/train.py"],
        resources: [.embedInCode("Dictionary/dictionary-1.zdict")], swiftSettings: pure),
    .target(
        name: "Casework", dependencies: ["SyncProtocol"], exclude: ["Names/pinyin.py"],
        resources: [
            .embedInCode("Calendar.json"), .embedInCode("Codes.json"),
            .embedInCode("Duplicates/Duplicates.json"), .embedInCode("Duplicates/duplicates.schema.json"),
            .embedInCode("Fields.json"), .embedInCode("Names/Pinyin.txt"), .embedInCode("Papers/paper.css"),
            .embedInCode("Policies"),
        ],
        swiftSettings: pure),
    .target(name: "Persistence", dependencies: ["CSQLite", "Cryptography"], swiftSettings: checked),
    .target(
        name: "Web", dependencies: ["CMicrohttpd", "CCurl", "CZstd", "Cryptography", "Persistence"],
        swiftSettings: checked),
    // What the pages of both servers are made of.
    .target(
        name: "Pages", dependencies: ["Casework", "Web", "Cryptography", "SyncProtocol"],
        resources: [
            .embedInCode("Assets/pages.css"), .embedInCode("Assets/icon.svg"),
            .embedInCode("Assets/common.js"),
            .embedInCode("Assets/form.js"), .embedInCode("Assets/list.js"),
            .embedInCode("Assets/materials.js"), .embedInCode("Assets/watch.js"),
        ], swiftSettings: pure),
    // Who may do what, and how people sign in, at both servers.
    .target(
        name: "Accounts", dependencies: ["Cryptography", "SyncProtocol", "Casework", "Web", "Pages"],
        resources: [.embedInCode("OpenAPI/accounts.json"), .embedInCode("OpenAPI/audit.json")],
        swiftSettings: pure),
    .target(name: "Contract", dependencies: ["Casework", "Web"], swiftSettings: pure),
    .target(
        name: "Bundles", dependencies: ["SyncProtocol", "Web", "Cryptography"],
        resources: [.embedInCode("OpenAPI/bundles.json")], swiftSettings: pure),
    .target(
        name: "CentralServer",
        dependencies: [
            "SyncProtocol", "Casework", "Persistence", "Web", "Cryptography", "Bundles", "Contract",
            "Accounts", "Pages",
        ],
        resources: [.embedInCode("API/OpenAPI")], swiftSettings: pure),
    // Without the trait `Postgres` it is empty, and nothing needs libpq.
    .target(
        name: "CentralPostgres",
        dependencies: [
            "CentralServer", "Cryptography", "Persistence", "SyncProtocol", "Web",
            .target(name: "CPostgres", condition: withPostgres),
        ],
        swiftSettings: checked),
    .target(
        name: "WindowAgent",
        dependencies: [
            "SyncProtocol", "Casework", "Persistence", "Web", "Cryptography", "Bundles", "Contract",
            "Accounts", "Pages",
        ],
        resources: [.embedInCode("API/OpenAPI")], swiftSettings: pure),
    .target(
        name: "FolderExchange", dependencies: ["Casework", "Persistence", "Cryptography"], swiftSettings: pure
    ),
    .target(
        name: "Commands",
        dependencies: ["Casework", "Persistence", "Web", "SyncProtocol", "Cryptography", "Bundles"],
        swiftSettings: pure),
    .executableTarget(
        name: "birthcentral",
        dependencies: [
            "CentralServer", "Casework", "Commands", "Cryptography", "Persistence", "SyncProtocol", "Web",
            "Bundles",
            "FolderExchange",
            .target(name: "CentralPostgres", condition: withPostgres),
        ],
        swiftSettings: pure),
    .executableTarget(
        name: "birthwindow",
        dependencies: [
            "WindowAgent", "Bundles", "Casework", "Commands", "Cryptography", "Persistence", "SyncProtocol",
            "Web",
        ],
        swiftSettings: pure),
]

let tests: [Target] = [
    .testTarget(name: "ContractTests", dependencies: ["Contract", "Casework", "Web"], swiftSettings: pure),
    // Registrations made up from a seed, to measure how well the same child is found in two.
    .target(
        name: "Registrations", dependencies: ["Casework", "SyncProtocol"], path: "Tests/Registrations",
        swiftSettings: pure),
    .testTarget(
        name: "CommandsTests", dependencies: ["Commands", "Casework", "Web"], swiftSettings: pure),
    .testTarget(
        name: "AccountsTests",
        dependencies: ["Accounts", "Casework", "Cryptography", "SyncProtocol", "Web"], swiftSettings: pure),
    .testTarget(
        name: "PagesTests", dependencies: ["Pages", "Casework", "Web"], swiftSettings: pure),
    .testTarget(name: "CryptographyTests", dependencies: ["Cryptography"], swiftSettings: pure),
    .testTarget(
        name: "SyncProtocolTests", dependencies: ["SyncProtocol", "Cryptography"], swiftSettings: pure),
    .testTarget(
        name: "CaseworkTests", dependencies: ["Casework", "Registrations", "SyncProtocol"],
        resources: [.copy("Fixtures")], swiftSettings: pure),
    // The second process of PersistenceTests: it commits until it is killed, fills a disk, holds a lock.
    .executableTarget(
        name: "PersistenceChild", dependencies: ["Persistence", "Cryptography"],
        path: "Tests/PersistenceChild", swiftSettings: pure),
    .testTarget(
        name: "PersistenceTests", dependencies: ["Persistence", "PersistenceChild", "Cryptography"],
        swiftSettings: pure),
    .testTarget(
        name: "WebTests", dependencies: ["Web", "Persistence", "Cryptography", "Programs"],
        swiftSettings: pure),
    // The second process of WindowAgentTests: it saves until it is killed, or until its disk is full.
    .executableTarget(
        name: "WindowSaver",
        dependencies: [
            "WindowAgent", "Accounts", "Casework", "Cryptography", "SyncProtocol", "Persistence", "Web",
            "SealedWindow",
        ],
        path: "Tests/WindowSaver", swiftSettings: pure),
    .testTarget(
        name: "WindowAgentTests",
        dependencies: [
            "WindowAgent", "WindowSaver", "Casework", "SyncProtocol", "Persistence", "Web", "Cryptography",
            "Bundles", "Contract", "OpenText", "PageCheck", "Pages", "Accounts", "SealedWindow",
        ],
        swiftSettings: pure),
    // Windows' stores under a key that the tests share.
    .target(
        name: "SealedWindow", dependencies: ["WindowAgent", "Casework", "Cryptography", "Persistence"],
        path: "Tests/SealedWindow", swiftSettings: pure),
    // Looks through files for what must not lie open in them.
    .target(name: "OpenText", path: "Tests/OpenText", swiftSettings: pure),
    // Looks through pages for what no page may have or lack.
    .target(name: "PageCheck", path: "Tests/PageCheck", swiftSettings: pure),
    // A PostgreSQL server of the tests' own.
    .target(
        name: "PostgresCluster", path: "Tests/PostgresCluster", exclude: ["cluster"], swiftSettings: pure),
    .testTarget(
        name: "CentralServerTests",
        dependencies: [
            "CentralServer", "SyncProtocol", "Casework", "Persistence", "Web", "Cryptography", "Contract",
            "Accounts", "OpenText", "PageCheck", "PostgresCluster",
            .target(name: "CentralPostgres", condition: withPostgres),
        ],
        swiftSettings: pure),
    .testTarget(
        name: "FolderExchangeTests",
        dependencies: [
            "FolderExchange", "CentralServer", "Casework", "SyncProtocol", "Persistence", "Web",
            "Cryptography",
        ], swiftSettings: pure),
    // A window's store and central in one process.
    .testTarget(
        name: "JointTests",
        dependencies: [
            "WindowAgent", "CentralServer", "SyncProtocol", "Casework", "Persistence", "Web", "Cryptography",
            "Accounts", "SealedWindow",
        ], swiftSettings: pure),
    // Hospitals and central in one process and in virtual time, from one seed.
    .target(
        name: "Simulation",
        dependencies: [
            "Bundles", "CentralServer", "WindowAgent", "Casework", "SyncProtocol", "Persistence", "Web",
            "Cryptography", "SealedWindow",
        ],
        path: "Tests/Simulation", swiftSettings: pure),
    .testTarget(name: "SimulationTests", dependencies: ["Simulation"], swiftSettings: pure),
    // The same, seed after seed, for as long as told.
    .executableTarget(name: "soak", dependencies: ["Simulation"], path: "Tests/Soak", swiftSettings: pure),
    // Windows and central with sticks between them.
    .testTarget(
        name: "BundlesTests",
        dependencies: [
            "Bundles", "CentralServer", "WindowAgent", "SyncProtocol", "Casework", "Persistence", "Web",
            "Cryptography", "SealedWindow",
        ], swiftSettings: pure),
    // A network that misbehaves, and the real programs as the demo and the end-to-end tests call them.
    .target(name: "FaultyLink", path: "Tests/FaultyLink", swiftSettings: pure),
    .target(name: "Programs", dependencies: ["FaultyLink"], path: "Tests/Programs", swiftSettings: pure),
    // The story that `make demo` tells, by calling the real programs.
    .executableTarget(
        name: "demo", dependencies: ["FaultyLink", "Programs", "birthcentral", "birthwindow"],
        path: "Tests/Demo",
        exclude: ["Births"], swiftSettings: pure),
    // The parsers of what others send, each with its laws: `make fuzz` links them with libFuzzer.
    .target(
        name: "Fuzz",
        dependencies: ["Casework", "Cryptography", "FolderExchange", "SyncProtocol", "Web"],
        path: "Tests/Fuzz", exclude: ["Corpora", "Findings", "counts.json"], swiftSettings: pure),
    .testTarget(name: "FuzzTests", dependencies: ["Fuzz"], swiftSettings: pure),
    // What it must reach in time and bytes; `make bench` runs it in release.
    .executableTarget(
        name: "Benchmarks",
        dependencies: [
            "Casework", "Registrations", "SyncProtocol", "Cryptography", "Persistence", "Web", "WindowAgent",
            "CentralServer", "Commands",
            "PostgresCluster", .target(name: "CentralPostgres", condition: withPostgres),
        ], path: "Benchmarks", swiftSettings: pure),
    .testTarget(
        name: "EndToEndTests",
        dependencies: [
            "FaultyLink", "OpenText", "Programs", "birthcentral", "birthwindow", "CentralServer",
            "Cryptography", "Persistence", "PostgresCluster", "SyncProtocol", "Web", "WindowAgent",
        ], swiftSettings: pure),
]

let package = Package(
    name: "BirthWindow",
    traits: [.trait(name: "Postgres", description: "central's store on PostgreSQL; needs libpq")],
    targets: libraries + parts + tests,
    swiftLanguageModes: [.v6]
)
