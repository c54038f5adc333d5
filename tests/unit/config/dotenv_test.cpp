// The expected values are what python-dotenv gives for the same text.
#include <config/dotenv.hpp>

#include <cstdlib>
#include <fstream>
#include <random>

#include <gtest/gtest.h>

namespace headrace::config {
namespace {

namespace fs = std::filesystem;

Dotenv parse(std::string_view text, const Variables& environment = {}) {
  return parse_dotenv(text, "/project/.env", environment);
}

struct Case {
  const char* text;
  Variables expected;
};

class Valid : public ::testing::TestWithParam<Case> {};

TEST_P(Valid, Line) {
  const Dotenv dotenv = parse(GetParam().text);
  EXPECT_EQ(dotenv.variables, GetParam().expected) << GetParam().text;
  EXPECT_TRUE(dotenv.problems.empty()) << dotenv.problems.front();
}

INSTANTIATE_TEST_SUITE_P(
    Dotenv, Valid,
    ::testing::Values(Case{"", {}}, Case{"\n\n  \n# only a comment\n", {}}, Case{"A=1", {{"A", "1"}}},
                      Case{"A=1\nB=2\n", {{"A", "1"}, {"B", "2"}}}, Case{"A=1\r\nB=2\r\n", {{"A", "1"}, {"B", "2"}}},
                      Case{"A=1\rB=2", {{"A", "1"}, {"B", "2"}}},
                      Case{"\xEF\xBB\xBF"
                           "A=1\n",
                           {{"A", "1"}}},
                      Case{"  A = 1  \n", {{"A", "1"}}}, Case{"A=", {{"A", ""}}}, Case{"A=\nB=2", {{"A", ""}, {"B", "2"}}},
                      Case{"export A=1", {{"A", "1"}}}, Case{"export\tA=1", {{"A", "1"}}}, Case{"export=1", {{"export", "1"}}},
                      Case{"A=1 # why", {{"A", "1"}}}, Case{"A=1#2", {{"A", "1#2"}}}, Case{"A= #2", {{"A", ""}}},
                      Case{"A=#2", {{"A", "#2"}}}, Case{"A=a b  c", {{"A", "a b  c"}}}, Case{"A='a b' # why", {{"A", "a b"}}},
                      Case{"A=\"a b\"#why", {{"A", "a b"}}}, Case{"A='a # b'", {{"A", "a # b"}}},
                      Case{"A=\"a\\nb\\t\\\"c\\\" \\\\ \\'d\\' \\x\"", {{"A", "a\nb\t\"c\" \\ 'd' \\x"}}},
                      Case{"A='a\\nb \\'c\\' \\\\ \\\"'", {{"A", "a\\nb 'c' \\ \\\""}}}, Case{"A=a\\nb", {{"A", "a\\nb"}}},
                      Case{"A=\"one\ntwo\"\nB=2", {{"A", "one\ntwo"}, {"B", "2"}}},
                      Case{"A='one\r\ntwo'\r\nB=2", {{"A", "one\r\ntwo"}, {"B", "2"}}}, Case{"'A b'=1", {{"A b", "1"}}},
                      Case{"A.b-c=1", {{"A.b-c", "1"}}}, Case{"A=x=y&z=1", {{"A", "x=y&z=1"}}},
                      Case{"A=C:\\data\\new", {{"A", "C:\\data\\new"}}}, Case{"A=it's", {{"A", "it's"}}},
                      Case{"A=1\nA=2\nB=${A}", {{"A", "2"}, {"B", "2"}}},
                      Case{"A=gr\xC3\xBC\xC3\x9F", {{"A", "gr\xC3\xBC\xC3\x9F"}}}, Case{"A='\\'", {{"A", "\\"}}},
                      Case{"A=\"\"", {{"A", ""}}}, Case{"A=$B ${ $", {{"A", "$B ${ $"}}}));

TEST(Dotenv, InterpolatesFromTheFileThenTheEnvironmentThenTheDefault) {
  const Variables environment{{"HOME", "/users/bob"}, {"A", "outside"}, {"EMPTY", ""}};
  EXPECT_EQ(parse("X=${HOME}/data", environment).variables, (Variables{{"X", "/users/bob/data"}}));
  EXPECT_EQ(parse("X=${A}\nA=in\nY=${A}", environment).variables, (Variables{{"X", "outside"}, {"A", "in"}, {"Y", "in"}}));
  EXPECT_EQ(parse("X=${NO}.${NO:-d:e}.${EMPTY:-d}.${NO:-}", environment).variables, (Variables{{"X", ".d:e.."}}));
  EXPECT_EQ(parse("X='${A}'\nY=\"${A}\"", environment).variables, (Variables{{"X", "outside"}, {"Y", "outside"}}));
  EXPECT_EQ(parse("X=${A:B}${A", environment).variables, (Variables{{"X", "${A:B}${A"}}));
  EXPECT_EQ(parse("PATH=${PATH}:/more", {{"PATH", "/bin"}}).variables, (Variables{{"PATH", "/bin:/more"}}));
}

struct BadCase {
  const char* text;
  int line;
  const char* says;
};

class Malformed : public ::testing::TestWithParam<BadCase> {};

TEST_P(Malformed, LineIsLeftOutAndNamed) {
  const Dotenv dotenv = parse(std::string("FIRST=1\n") + GetParam().text + "\nLAST=2\n");
  EXPECT_EQ(dotenv.variables, (Variables{{"FIRST", "1"}, {"LAST", "2"}})) << GetParam().text;
  ASSERT_EQ(dotenv.problems.size(), 1u) << GetParam().text;
  const std::string where = "/project/.env:" + std::to_string(GetParam().line) + ": ";
  EXPECT_EQ(dotenv.problems[0].substr(0, where.size()), where);
  EXPECT_NE(dotenv.problems[0].find(GetParam().says), std::string::npos) << dotenv.problems[0];
}

INSTANTIATE_TEST_SUITE_P(Dotenv, Malformed,
                         ::testing::Values(BadCase{"two words", 2, "no \"=\""}, BadCase{"A B=1", 2, "no \"=\""},
                                           BadCase{"NAME", 2, "NAME has no value; write NAME="},
                                           BadCase{"A='open", 2, "not closed"}, BadCase{"\n\nA=\"open", 4, "not closed"},
                                           BadCase{"A='x' y", 2, "closing quote"}, BadCase{"=1", 2, "no name"},
                                           BadCase{"export # nothing", 2, "name is missing"},
                                           BadCase{"'open=1", 2, "quote around the name"},
                                           BadCase{"A='one\ntwo' three", 2, "closing quote"}));

TEST(Dotenv, ProblemsNeverShowTheValue) {
  const Dotenv dotenv = parse("TOKEN 's3cr3t'\nKEY='s3cr3t' more\nOTHER=\"s3cr3t");
  EXPECT_EQ(dotenv.problems.size(), 3u);
  for (const auto& problem : dotenv.problems) EXPECT_EQ(problem.find("s3cr3t"), std::string::npos) << problem;
}

TEST(Dotenv, AnyTextIsRead) {
  std::mt19937 random(3);
  const std::string alphabet = "A=='\"\\#${}:-\n\r \texport";
  for (int round = 0; round < 5000; ++round) {
    std::string text(random() % 60, ' ');
    for (auto& c : text) c = random() % 10 == 0 ? static_cast<char>(random()) : alphabet[random() % alphabet.size()];
    const Dotenv dotenv = parse(text, {{"A", "1"}});
    for (const auto& [name, value] : dotenv.variables) {
      EXPECT_FALSE(name.empty());
      EXPECT_EQ((name + value).find('\0'), std::string::npos);
    }
  }
}

class DotenvFile : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "headrace-dotenv-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }
  Result<Dotenv> read(std::string_view contents) {
    std::ofstream(folder_ / ".env", std::ios::binary) << contents;
    return read_dotenv(folder_ / ".env", {});
  }
  fs::path folder_;
};

TEST_F(DotenvFile, IsRead) { EXPECT_EQ(read("A=1\n")->variables, (Variables{{"A", "1"}})); }

TEST_F(DotenvFile, ThatIsNotThereIsEmpty) {
  const auto dotenv = read_dotenv(folder_ / ".env", {});
  ASSERT_TRUE(dotenv);
  EXPECT_TRUE(dotenv->variables.empty());
}

TEST_F(DotenvFile, ThatCannotBeReadIsNamed) {
  const auto message = [&](const Result<Dotenv>& result) { return result ? "read" : result.error().message; };
  EXPECT_NE(message(read("A=1\nB=\xFF\n")).find(".env: line 2 is not UTF-8"), std::string::npos);
  EXPECT_NE(message(read(std::string_view("\xFF\xFE\x41\x00", 4))).find("UTF-16"), std::string::npos);
  EXPECT_NE(message(read(std::string(2 << 20, 'x'))).find("larger than"), std::string::npos);
  EXPECT_NE(message(read_dotenv(folder_, {})).find("not a regular file"), std::string::npos);
}

TEST_F(DotenvFile, WithZeroBytesLeavesThoseOut) {
  const auto dotenv = read(std::string_view("A=x\0y\nB=1\n", 10));
  EXPECT_EQ(dotenv->variables, (Variables{{"B", "1"}}));
  ASSERT_EQ(dotenv->problems.size(), 1u);
}

}  // namespace
}  // namespace headrace::config
