#include <config/token.hpp>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

namespace headrace::config {
namespace {

const std::string k_long = "0123456789abcdef";

struct TokenTest : testing::Test {
  std::filesystem::path folder = [] {
    std::string pattern = (std::filesystem::temp_directory_path() / "headrace-token-XXXXXX").string();
    return std::filesystem::path(::mkdtemp(pattern.data()));
  }();
  ~TokenTest() override { std::filesystem::remove_all(folder); }

  std::filesystem::path write(const std::string& name, const std::string& text, mode_t mode = 0600) {
    const auto file = folder / name;
    std::ofstream(file) << text;
    ::chmod(file.c_str(), mode);
    return file;
  }
  static std::string error(const Result<Token>& found) { return found ? "found" : found.error().message; }
};

TEST_F(TokenTest, TheVariableGoesBeforeTheFileAndThisBeforeTheCredential) {
  const auto file = write("token", k_long + "file\n");
  write("headrace.token", k_long + "credential");
  const Variables credentials{{"CREDENTIALS_DIRECTORY", folder.string()}};
  EXPECT_EQ(find_token({}, {})->text, "");
  EXPECT_EQ(find_token({{"CREDENTIALS_DIRECTORY", "/nowhere"}}, {})->text, "");
  EXPECT_EQ(find_token(credentials, {})->text, k_long + "credential");
  EXPECT_EQ(find_token(credentials, file)->text, k_long + "file");
  EXPECT_EQ(find_token({{"HEADRACE_TOKEN", k_long}}, file)->text, k_long);
  EXPECT_EQ(find_token({{"HEADRACE_TOKEN", ""}}, file)->text, k_long + "file");
}

TEST_F(TokenTest, ATokenThatCanBeGuessedIsNone) {
  for (const std::string& bad :
       {std::string("short"), k_long + " ", k_long + "\n" + k_long, k_long + "ü", std::string(1025, 'x')}) {
    const auto said = error(find_token({{"HEADRACE_TOKEN", bad}}, {}));
    EXPECT_NE(said.find("16 to 1024 printable"), std::string::npos) << said;
    EXPECT_EQ(said.find(bad), std::string::npos) << said;
    EXPECT_NE(error(find_token({}, write("bad", bad + "x\n\n x"))).find("16 to 1024"), std::string::npos);
  }
  EXPECT_NE(error(find_token({}, write("empty", ""))).find("empty"), std::string::npos);
}

TEST_F(TokenTest, AFileThatIsNoneIsNamed) {
  EXPECT_NE(error(find_token({}, folder / "nothing")).find("nothing"), std::string::npos);
  EXPECT_NE(error(find_token({}, folder)).find("not a regular file"), std::string::npos);
  ::mkfifo((folder / "fifo").c_str(), 0600);
  EXPECT_NE(error(find_token({}, folder / "fifo")).find("not a regular file"), std::string::npos);
}

TEST_F(TokenTest, AFileThatOthersCanReadIsAWarning) {
  EXPECT_EQ(find_token({}, write("private", k_long))->warning, "");
  EXPECT_NE(find_token({}, write("public", k_long, 0644))->warning.find("chmod 600"), std::string::npos);
}

TEST_F(TokenTest, TheVariableIsForgotten) {
  ::setenv("HEADRACE_TOKEN", k_long.c_str(), 1);
  const char* bytes = std::getenv("HEADRACE_TOKEN");
  forget_token_variable();
  EXPECT_EQ(std::getenv("HEADRACE_TOKEN"), nullptr);
  EXPECT_EQ(bytes[0], '\0');
}

}  // namespace
}  // namespace headrace::config
