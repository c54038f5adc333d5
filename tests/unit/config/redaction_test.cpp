#include <config/redaction.hpp>

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

namespace headrace::config {
namespace {

std::string masked(std::string text) {
  const auto size = text.size();
  mask_credentials(text);
  EXPECT_EQ(text.size(), size) << "offsets into the file must stay true";
  return text;
}

struct Case {
  const char* text;
  const char* secret;
};

class Credential : public ::testing::TestWithParam<Case> {};

TEST_P(Credential, IsMaskedAndTheRestStays) {
  const auto [text, secret] = GetParam();
  std::string expected = text;
  const auto at = expected.find(secret);
  ASSERT_NE(at, std::string::npos);
  expected.replace(at, std::string(secret).size(), std::string(std::string(secret).size(), '*'));
  EXPECT_EQ(masked(text), expected);
}

INSTANTIATE_TEST_SUITE_P(
    Redaction, Credential,
    ::testing::Values(Case{"postgres://bob:hunter2@db:5432/x", "hunter2"},
                      Case{"see https://bob:p@ss:w@host/path?q=1 now", "p@ss:w"}, Case{"(redis://:hunter2@cache)", "hunter2"},
                      Case{"https://a.blob.core.windows.net/c/b?sv=2022&sig=aB%2Fc%3D&se=2026", "aB%2Fc%3D"}, Case{"?sig=x", "x"},
                      Case{"SAS: sig=abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwxyz"},
                      Case{"AccountName=me;AccountKey=abc/def+gh==;EndpointSuffix=x", "abc/def+gh=="},
                      Case{"https://b.s3.amazonaws.com/k?X-Amz-Signature=deadbeef&X-Amz-Date=2026", "deadbeef"},
                      Case{"https://x/y?X-Goog-Signature=0011", "0011"}, Case{"AWS_SECRET_ACCESS_KEY=wJalr/K7", "wJalr/K7"},
                      Case{"aws_secret_access_key='wJalr/K7'", "wJalr/K7"}, Case{"GET /?access_token=t0k&x=1", "t0k"},
                      Case{"Authorization: Bearer abc.def", "abc.def"}, Case{"{\"Authorization\": \"Basic Ym9i\"}", "Ym9i"},
                      Case{"authorization=abc", "abc"},
                      Case{"sent bearer eyJhbGciOiJIUzI1NiJ9.e30", "eyJhbGciOiJIUzI1NiJ9.e30"}));

TEST(Redaction, OrdinaryTextStays) {
  for (const char* text : {"Stored iris.csv at /data/iris.csv", "https://example.com/a?page=2#x",
                           "abfss://container@account.dfs.core.windows.net/path", "git clone ssh://git@host/repo",
                           "p=0.01 sig=0.05", "user@example.com: hello", "the bearer certificate", "authorization failed for bob",
                           "time 12:30://", "design=abc", "a://b", "=", "sig=", "", "-----BEGIN CERTIFICATE-----\nabc\n"}) {
    EXPECT_EQ(masked(text), text);
  }
}

TEST(Redaction, PrivateKeysLoseTheirBodyAndKeepTheirLines) {
  EXPECT_EQ(masked("a\n-----BEGIN RSA PRIVATE KEY-----\nabcd\nef==\n-----END RSA PRIVATE KEY-----\nb"),
            "a\n-----BEGIN RSA PRIVATE KEY-----\n****\n****\n-----END RSA PRIVATE KEY-----\nb");
  EXPECT_EQ(masked("-----BEGIN PRIVATE KEY-----\nabcd"), "-----BEGIN PRIVATE KEY-----\n****");
}

TEST(Redaction, KnownValuesGoInEveryForm) {
  Redactor redactor;
  redactor.add("p/w\"rd");
  redactor.add("p/w\"rd-longer");
  redactor.add("abc");  // too short
  EXPECT_EQ(redactor.redact("x p/w\"rd y p%2Fw%22rd z p/w\\\"rd abc"), "x *** y *** z *** abc");
  EXPECT_EQ(redactor.redact("p/w\"rd-longer"), "***");
  EXPECT_EQ(redactor.redact("a://b:c@d"), "a://b:*@d");
}

TEST(Redaction, LiteralsOfSecretsAreMaskedInCode) {
  const auto masked_code = [](std::string code) {
    mask_literals(code);
    return code;
  };
  for (const auto& [code, expected] : std::initializer_list<std::pair<const char*, const char*>>{
           {"password = 'hunter2'", "password = '***'"},
           {R"(Store(url="a", api_key=r"hunter2"))", R"(Store(url="a", api_key=r"***"))"},
           {R"(    api_key: str = "hunter2")", R"(    api_key: str = "***")"},
           {R"(x = {"user": "bob", "password": "hunter2"})", R"(x = {"user": "bob", "password": "***"})"},
           {R"(os.environ["API_KEY"] = "hunter\"2")", R"(os.environ["API_KEY"] = "***")"},
           {"self.token=\"\"\"hunter\n2\"\"\"\nx", "self.token=\"\"\"***\n\"\"\"\nx"},
           {R"(std::string db_password = "hunter2";)", R"(std::string db_password = "***";)"},
           {R"({.name = "a", .token{"hunter2"}})", R"({.name = "a", .token{"***"}})"},
           {"secret = 'hunter2", "secret = '***"}})
    EXPECT_EQ(masked_code(code), expected);
  for (const char* code :
       {R"(password = EnvVar("DB_PASSWORD"))", R"(tokens = "a b")", R"(def f(token: str, name="x"): ...)", "secret = ''",
        R"(credentials = {"user": 1})", "# don't", "", "\"", "'''", "password =", "\"password\""})
    EXPECT_EQ(masked_code(code), code);
}

TEST(Redaction, AnyBytesAreFine) {
  std::mt19937 random(1);
  const std::string alphabet = "sig=&?://@Bearer Authorization:-----BEGIN PRIVATE KEY-----\n\"'\\;";
  for (int round = 0; round < 2000; ++round) {
    std::string text(random() % 200, ' ');
    for (auto& c : text) c = random() % 8 == 0 ? static_cast<char>(random()) : alphabet[random() % alphabet.size()];
    masked(text);
    const auto lines = std::count(text.begin(), text.end(), '\n');
    mask_literals(text);
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), lines);
  }
}

TEST(Redaction, LongHostileTextIsMaskedInOnePass) {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += "-----BEGIN sig=://";
  EXPECT_EQ(masked(text).size(), text.size());  // quadratic work would run into the test's time limit
}

}  // namespace
}  // namespace headrace::config
