/// The preset dictionary of exchanges, number 1: a trained Zstandard dictionary, the same bytes at both ends for ever.
/// A better one will be number 2, named in the media type.
package enum ExchangeDictionary {
    package static var bytes: [UInt8] { PackageResources.dictionary_1_zdict }
}
