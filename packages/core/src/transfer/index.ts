export type { TransferName, TransferStore } from "./transfer-store.ts";
export { offerUploadRequest } from "./transfer-wire.ts";
export {
  type Download,
  MAX_TRANSFER_BYTES,
  type OpenUpload,
  StoredTransfers,
  type StoredTransfersOptions,
  type Transfers,
  type UploadOffer,
} from "./transfers.ts";
