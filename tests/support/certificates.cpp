#include "support/certificates.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <memory>
#include <stdexcept>

namespace tocsin::test {
namespace {

struct free_openssl {
  void operator()(X509* p) const noexcept { X509_free(p); }
  void operator()(EVP_PKEY* p) const noexcept { EVP_PKEY_free(p); }
  void operator()(BIO* p) const noexcept { BIO_free_all(p); }
  void operator()(X509_EXTENSION* p) const noexcept { X509_EXTENSION_free(p); }
};
template <class T>
using owned = std::unique_ptr<T, free_openssl>;

void require(bool done) {
  if (!done) throw std::runtime_error("OpenSSL could not make a test certificate");
}

template <class Write>
std::string pem_of(Write write) {
  const owned<BIO> out(BIO_new(BIO_s_mem()));
  require(write(out.get()) == 1);
  char* text = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

owned<BIO> read(const std::string& pem) { return owned<BIO>(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))); }

void extend(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const owned<X509_EXTENSION> extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  require(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
}

certificate make(const certificate* authority, const certificate_request& wanted) {
  static std::atomic<long> serial{1};
  const owned<EVP_PKEY> key(EVP_EC_gen("P-256"));
  const owned<X509> made(X509_new());
  require(key && made);
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), serial++);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), std::chrono::seconds(wanted.valid_from).count());
  X509_gmtime_adj(X509_getm_notAfter(made.get()), std::chrono::seconds(wanted.valid_until).count());
  X509_set_pubkey(made.get(), key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(wanted.common_name.c_str()), -1, -1, 0);
  owned<X509> issuer;
  owned<EVP_PKEY> issuer_key;
  if (authority != nullptr) {
    issuer.reset(PEM_read_bio_X509(read(authority->pem).get(), nullptr, nullptr, nullptr));
    issuer_key.reset(PEM_read_bio_PrivateKey(read(authority->key).get(), nullptr, nullptr, nullptr));
    require(issuer && issuer_key);
  }
  X509* const signer = issuer ? issuer.get() : made.get();
  X509_set_issuer_name(made.get(), X509_get_subject_name(signer));
  if (authority == nullptr) {
    extend(made.get(), signer, NID_basic_constraints, "critical,CA:TRUE");
    extend(made.get(), signer, NID_key_usage, "critical,keyCertSign");
  }
  std::string names;
  for (const auto& name : wanted.names) names += (names.empty() ? "" : ",") + name;
  if (!names.empty()) extend(made.get(), signer, NID_subject_alt_name, names);
  require(X509_sign(made.get(), issuer_key ? issuer_key.get() : key.get(), EVP_sha256()) > 0);
  return {pem_of([&](BIO* out) { return PEM_write_bio_X509(out, made.get()); }),
          pem_of([&](BIO* out) { return PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr); })};
}

} // namespace

certificate make_authority(const std::string& common_name) {
  certificate_request wanted;
  wanted.common_name = common_name;
  return make(nullptr, wanted);
}

certificate make_certificate(const certificate& authority, const certificate_request& wanted) { return make(&authority, wanted); }

} // namespace tocsin::test
